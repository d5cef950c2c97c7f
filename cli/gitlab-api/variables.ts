import { projectPath, type Transport } from "./transport.ts";

/** Whose variable it is; by path or number. */
export type VariableOwner = { project: string } | { group: string };

/** A CI/CD variable, in the API's words. */
export interface GitLabVariable {
  key: string;
  /** Null where the variable is hidden. */
  value: string | null;
  variable_type: "env_var" | "file";
  protected: boolean;
  masked: boolean;
  /** Whether its value is left as it is, and `$` in it names no other variable. */
  raw: boolean;
  environment_scope: string;
  description: string | null;
}

/** CI/CD variables of projects and groups; docs.gitlab.com/api/project_level_variables. */
export class Variables {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All of them. Other than `find`, it tells an owner that is not there, or that one may not see, by status 404. */
  async list(owner: VariableOwner): Promise<GitLabVariable[]> {
    return (await this.#transport.list(ownerPath(owner))) as GitLabVariable[];
  }

  /**
   * The variable of a name and an environment scope; undefined when there is none. Without the owner GitLab answers
   * the same; making the variable will tell.
   */
  async find(owner: VariableOwner, key: string, scope: string): Promise<GitLabVariable | undefined> {
    const found = (await this.#transport.find(onePath(owner, key, scope))) as GitLabVariable | undefined;
    // A GitLab that knows no scopes there gives the one that it has.
    return found?.environment_scope === scope ? found : undefined;
  }

  /** Makes a variable. */
  async create(owner: VariableOwner, variable: GitLabVariable): Promise<GitLabVariable> {
    const path = ownerPath(owner);
    return (await this.#transport.send({ method: "POST", path, body: variable })) as GitLabVariable;
  }

  /** Changes the variable of the same name and environment scope. */
  async update(owner: VariableOwner, variable: GitLabVariable): Promise<GitLabVariable> {
    const { key, ...body } = variable;
    const path = onePath(owner, key, variable.environment_scope);
    return (await this.#transport.send({ method: "PUT", path, body })) as GitLabVariable;
  }

  /** Removes the variable of a name and an environment scope, which is there. */
  async remove(owner: VariableOwner, key: string, scope: string): Promise<void> {
    await this.#transport.send({ method: "DELETE", path: onePath(owner, key, scope) });
  }
}

const ownerPath = (owner: VariableOwner) =>
  `${"project" in owner ? projectPath(owner.project) : `/groups/${encodeURIComponent(owner.group)}`}/variables`;

const onePath = (owner: VariableOwner, key: string, scope: string) =>
  `${ownerPath(owner)}/${encodeURIComponent(key)}?filter[environment_scope]=${encodeURIComponent(scope)}`;

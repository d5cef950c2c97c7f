import { type Answer, type Call, page, said } from "./answer.ts";

/** A variable as GitLab keeps it. */
export interface StoredVariable {
  key: string;
  value: string | null;
  variable_type: string;
  protected: boolean;
  masked: boolean;
  hidden: boolean;
  raw: boolean;
  environment_scope: string;
  description: string | null;
}

/**
 * The variables of a project or group, as lib/api/ci/variables.rb and lib/api/group_variables.rb have them.
 * @param scoped whether they have environment scopes
 */
export function serveVariables(
  variables: StoredVariable[],
  { method, query, body }: Call,
  { key, kind, scoped }: { key: string | undefined; kind: string; scoped: boolean },
): Answer {
  const filter = scoped ? query.get("filter[environment_scope]") : null;
  if (method === "POST") return create(variables, body, scoped);
  if (key === undefined) return page(variables.map(shown), query);
  const found = variables.filter(
    (each) => each.key === key && (filter === null || each.environment_scope === filter),
  );
  if (found.length > 1) {
    return said(
      409,
      "409 Conflict: There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  }
  const [variable] = found;
  if (!variable) return said(404, `404 ${kind === "projects" ? "Variable" : "GroupVariable"} Not Found`);
  if (method === "GET") return { status: 200, body: shown(variable) };
  if (method === "DELETE") {
    variables.splice(variables.indexOf(variable), 1);
    return { status: 204 };
  }
  return change(variable, body, scoped);
}

const shown = (variable: StoredVariable) => (variable.hidden ? { ...variable, value: null } : variable);

function create(variables: StoredVariable[], body: Partial<StoredVariable>, scoped: boolean): Answer {
  const variable: StoredVariable = {
    key: "",
    value: "",
    variable_type: "env_var",
    protected: false,
    masked: false,
    hidden: false,
    raw: false,
    description: null,
    ...body,
    environment_scope: (scoped && body.environment_scope) || "*",
  };
  const taken = variables.some(
    (each) => each.key === variable.key && each.environment_scope === variable.environment_scope,
  );
  if (taken) return said(400, { key: [`(${variable.key}) has already been taken`] });
  const invalid = validate(variable);
  if (invalid) return invalid;
  variables.push(variable);
  return { status: 201, body: variable };
}

function change(variable: StoredVariable, body: Partial<StoredVariable>, scoped: boolean): Answer {
  const { environment_scope, ...rest } = body;
  const changed = { ...variable, ...rest, ...(scoped && environment_scope && { environment_scope }) };
  const invalid = validate(changed);
  if (invalid) return invalid;
  Object.assign(variable, changed);
  return { status: 200, body: variable };
}

/** app/models/concerns/ci/maskable.rb, and the longest description. */
function validate({ value, masked, raw, description }: StoredVariable): Answer | undefined {
  const maskable = raw ? /^\S{8,}$/ : /^[a-zA-Z0-9_+=/@:.~-]{8,}$/;
  if (masked && !maskable.test(value ?? "")) return said(400, { value: ["is invalid"] });
  if ((description?.length ?? 0) > 255) {
    return said(400, { description: ["is too long (maximum is 255 characters)"] });
  }
  return undefined;
}

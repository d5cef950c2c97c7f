/** Where GitLab's API is and who asks. */
export interface GitLabApiOptions {
  /** The API's URL, such as `https://gitlab.com/api/v4`. */
  endpoint: string;
  /** How the request is authenticated; the header's value is a secret. */
  credential: { header: "PRIVATE-TOKEN" | "JOB-TOKEN"; value: string };
  /** Waits so many milliseconds. */
  sleep(milliseconds: number): Promise<unknown>;
  /** The time of this command: `Retry-After` may be a date. */
  now: Date;
}

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

/** An answer that is no success, or none at all. Holds no secret. */
export class GitLabApiError extends Error {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(status: number | undefined, message: string) {
    super(message);
    this.name = "GitLabApiError";
    this.status = status;
  }
}

/** How often a request is sent that GitLab is too busy for. */
const attempts = 5;

/** Milliseconds: the longest wait between two of them, and for an answer. */
const longestWait = 60_000;
const timeout = 30_000;

/** The part of GitLab's API that sets CI/CD variables; docs.gitlab.com/api/project_level_variables. */
export class GitLabApi {
  readonly #options: GitLabApiOptions;

  constructor(options: GitLabApiOptions) {
    this.#options = options;
  }

  /** The variable of a name and an environment scope; undefined when there is none. */
  async variable(owner: VariableOwner, key: string, scope: string): Promise<GitLabVariable | undefined> {
    try {
      const found = (await this.#send("GET", onePath(owner, key, scope))) as GitLabVariable;
      // A GitLab that knows no scopes there gives the one that it has.
      return found.environment_scope === scope ? found : undefined;
    } catch (error) {
      // Without the owner, GitLab answers 404 as well; making the variable will tell.
      if (error instanceof GitLabApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Makes a variable. */
  async create(owner: VariableOwner, variable: GitLabVariable): Promise<GitLabVariable> {
    return (await this.#send("POST", ownerPath(owner), variable)) as GitLabVariable;
  }

  /** Changes the variable of the same name and environment scope. */
  async update(owner: VariableOwner, variable: GitLabVariable): Promise<GitLabVariable> {
    const { key, ...rest } = variable;
    return (await this.#send("PUT", onePath(owner, key, variable.environment_scope), rest)) as GitLabVariable;
  }

  async #send(method: string, path: string, body?: Partial<GitLabVariable>): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once(method, path, body);
      if ("value" in answer) return answer.value;
      const { error, wait } = answer;
      const again = error.status === undefined || error.status === 429 || error.status >= 500;
      const pause = wait ?? 1000 * 2 ** (attempt - 1);
      if (!again || attempt === attempts || pause > longestWait) throw error;
      await this.#options.sleep(pause);
    }
  }

  async #once(
    method: string,
    path: string,
    body: Partial<GitLabVariable> | undefined,
  ): Promise<{ value: unknown } | { error: GitLabApiError; wait?: number }> {
    const { endpoint, credential, now } = this.#options;
    try {
      const response = await fetch(endpoint.replace(/\/+$/, "") + path, {
        method,
        headers: { [credential.header]: credential.value, "Content-Type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
        // The credential is for this server, and fetch would hand it on to another one.
        redirect: "manual",
        signal: AbortSignal.timeout(timeout),
      });
      const text = await response.text();
      if (response.ok) return { value: JSON.parse(text) };
      const location = response.headers.get("Location");
      const message = location ? `it redirects to ${location}: give that with --api` : messageIn(text);
      const error = new GitLabApiError(response.status, message || response.statusText);
      return { error, wait: waitOf(response.headers.get("Retry-After"), now) };
    } catch (thrown) {
      const { message, cause } = thrown as Error;
      const said = cause instanceof Error ? cause.message : message;
      return { error: new GitLabApiError(undefined, `no answer from ${endpoint}: ${said}`) };
    }
  }
}

function ownerPath(owner: VariableOwner): string {
  const [kind, id] = "project" in owner ? ["projects", owner.project] : ["groups", owner.group];
  return `/${kind}/${encodeURIComponent(id)}/variables`;
}

function onePath(owner: VariableOwner, key: string, scope: string): string {
  return `${ownerPath(owner)}/${encodeURIComponent(key)}?filter[environment_scope]=${encodeURIComponent(scope)}`;
}

/** Milliseconds to wait, by the header: seconds or a date. */
function waitOf(header: string | null, now: Date): number | undefined {
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** GitLab's own words: `{"message": "…"}`, `{"message": {"key": ["has already been taken"]}}`, `{"error": "…"}`. */
function messageIn(text: string): string {
  try {
    const { message, error, error_description } = JSON.parse(text) as Record<string, unknown>;
    const said = message ?? [error, error_description].filter(Boolean).join(": ");
    return typeof said === "string" ? said : JSON.stringify(said);
  } catch {
    return text.trim().slice(0, 200);
  }
}

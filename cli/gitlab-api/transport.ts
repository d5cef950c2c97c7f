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

/** A request. */
export interface GitLabRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the API's URL, encoded. */
  path: string;
  /** Sent as JSON. */
  body?: object;
  /**
   * Whether it makes something anew each time: then it is sent again only when GitLab surely did nothing.
   * @default false
   */
  once?: boolean;
}

/** How often a request is sent that GitLab is too busy for. */
const attempts = 5;

/** Milliseconds: the longest wait between two of them, and for an answer. */
const longestWait = 60_000;
const timeout = 30_000;

/** The most that GitLab gives in one page. */
const pageSize = 100;

interface Answer {
  value: unknown;
  nextPage: string | null;
}

interface Refusal {
  error: GitLabApiError;
  /** Milliseconds that GitLab wants waited. */
  wait?: number;
  /** Whether GitLab surely did nothing. */
  undone: boolean;
}

/** Sends requests to GitLab's API: again when it is busy, never to another server. */
export class Transport {
  readonly #options: GitLabApiOptions;

  constructor(options: GitLabApiOptions) {
    this.#options = options;
  }

  /**
   * The answer to a request; undefined where it is empty.
   * @throws GitLabApiError
   */
  async send(request: GitLabRequest): Promise<unknown> {
    return (await this.#answer(request)).value;
  }

  /**
   * The same; undefined when GitLab answers 404, as it does for what one may not see.
   * @throws GitLabApiError
   */
  async find(path: string): Promise<unknown> {
    try {
      return await this.send({ method: "GET", path });
    } catch (error) {
      if (error instanceof GitLabApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * Every entry of a list, of all its pages.
   * @throws GitLabApiError
   */
  async list(path: string): Promise<unknown[]> {
    const entries: unknown[] = [];
    const joint = path.includes("?") ? "&" : "?";
    for (let page = "1"; page; ) {
      const paged = `${path}${joint}per_page=${pageSize}&page=${page}`;
      const { value, nextPage } = await this.#answer({ method: "GET", path: paged });
      entries.push(...(value as unknown[]));
      page = nextPage ?? "";
    }
    return entries;
  }

  async #answer(request: GitLabRequest): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#once(request);
      if ("value" in answer) return answer;
      const { error, wait, undone } = answer;
      const passing = error.status === undefined || error.status === 429 || error.status >= 500;
      const pause = wait ?? 1000 * 2 ** (attempt - 1);
      const again = passing && (undone || !request.once);
      if (!again || attempt === attempts || pause > longestWait) throw error;
      await this.#options.sleep(pause);
    }
  }

  async #once({ method, path, body }: GitLabRequest): Promise<Answer | Refusal> {
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
      if (response.ok) {
        return { value: text ? JSON.parse(text) : undefined, nextPage: response.headers.get("X-Next-Page") };
      }
      const location = response.headers.get("Location");
      const message = location ? `it redirects to ${location}: give that with --api` : messageIn(text);
      return {
        error: new GitLabApiError(response.status, message || response.statusText),
        wait: waitOf(response.headers.get("Retry-After"), now),
        undone: response.status === 429,
      };
    } catch (thrown) {
      const { message, cause } = thrown as Error & { cause?: NodeJS.ErrnoException };
      const said = cause instanceof Error ? cause.message : message;
      return {
        error: new GitLabApiError(undefined, `no answer from ${endpoint}: ${said}`),
        undone: ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(cause?.code ?? ""),
      };
    }
  }
}

/** A project or group by path or number, in a request's path. */
export const projectPath = (project: string) => `/projects/${encodeURIComponent(project)}`;

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

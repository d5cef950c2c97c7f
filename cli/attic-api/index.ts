import { AtticApiError, type Problem, Unanswered } from "./errors.ts";
import { type Answer, exchange } from "./exchange.ts";
import { type CacheConfig, type CachePatch, cacheConfig, errorResponse, type NewCache } from "./wire.ts";

export { AtticApiError } from "./errors.ts";
export type { CacheConfig, CachePatch, NewCache } from "./wire.ts";

/** Where the server is and who asks. */
export interface AtticApiOptions {
  /** The API's URL; it ends in a slash. */
  endpoint: string;
  /** A JWT that allows what is asked. It is sent in the Authorization header and nowhere else. */
  token: string;
  /**
   * The Host header, where the endpoint's own is not one that the server answers.
   * @default the endpoint's
   */
  host?: string;
  /**
   * Milliseconds until a request is given up. Without its database, the server itself takes 30 s to say so.
   * @default 40000
   */
  timeout?: number;
}

/** Milliseconds for a cache to be destroyed: the database deletes all that it lists with it, in one statement. */
const destruction = 600_000;

/** The part of Attic's API that makes and configures caches. It can list none: the server has no such request. */
export class AtticApi {
  readonly endpoint: string;
  readonly #token: string;
  readonly #host: string | undefined;
  readonly #timeout: number;

  constructor({ endpoint, token, host, timeout = 40_000 }: AtticApiOptions) {
    this.endpoint = endpoint;
    this.#token = token;
    this.#host = host;
    this.#timeout = timeout;
  }

  /** What the server says of a cache, given a token that may pull from it; undefined when there is none. */
  async cache(name: string): Promise<CacheConfig | undefined> {
    const what = `read cache ${name}`;
    const answer = await this.#send("GET", name, what);
    const problem = problemOf(answer);
    // Not every 404: something else than the server may know nothing of the path.
    if (problem?.code === "NoSuchCache") return undefined;
    if (problem) throw this.#error(what, problem);
    const read = cacheConfig.safeParse(json(answer.text));
    if (!read.success) throw this.#error(what, unexplained(answer));
    return read.data;
  }

  /** Makes a cache, given a token that may create it. */
  create(name: string, cache: NewCache): Promise<void> {
    return this.#change("POST", name, `create cache ${name}`, cache);
  }

  /** Configures a cache, given a token that may; for the retention it must allow that, too. */
  configure(name: string, patch: CachePatch): Promise<void> {
    return this.#change("PATCH", name, `configure cache ${name}`, patch);
  }

  /** Destroys a cache with all that it lists, given a token that may. */
  async destroy(name: string): Promise<void> {
    const what = `destroy cache ${name}`;
    const problem = problemOf(await this.#send("DELETE", name, what, undefined, destruction));
    if (problem) throw this.#error(what, problem);
  }

  async #change(method: string, name: string, what: string, body: NewCache | CachePatch): Promise<void> {
    const problem = problemOf(await this.#send(method, name, what, body));
    if (problem) throw this.#error(what, problem, body.keypair?.Keypair);
  }

  async #send(
    method: string,
    name: string,
    what: string,
    body?: NewCache | CachePatch,
    timeout = this.#timeout,
  ): Promise<Answer> {
    try {
      return await exchange({
        method,
        url: new URL(`_api/v1/cache-config/${encodeURIComponent(name)}`, this.endpoint),
        headers: {
          authorization: `Bearer ${this.#token}`,
          "user-agent": "atticctl",
          ...(this.#host !== undefined && { host: this.#host }),
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
        timeout,
      });
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === "TimeoutError";
      throw this.#error(what, {
        code: timedOut ? Unanswered.timeout : Unanswered.network,
        message: timedOut ? `no answer within ${timeout / 1000} s` : networkMessage(error),
      });
    }
  }

  /** The error, in which a server that repeats what it was sent tells nothing. */
  #error(what: string, problem: Problem, keyPair?: string): AtticApiError {
    const secrets = [this.#token, ...(keyPair ? [keyPair, keyPair.slice(keyPair.indexOf(":") + 1)] : [])];
    const message = secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), problem.message);
    return new AtticApiError(what, { ...problem, message: oneLine(message) }, this.endpoint);
  }
}

/** What is wrong with an answer; undefined when nothing is. */
function problemOf(answer: Answer): Problem | undefined {
  const { status, location, text } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) {
    return { status, code: Unanswered.redirect, message: `redirects to ${location ?? "somewhere"}` };
  }
  const told = errorResponse.safeParse(json(text));
  return told.success ? { status, code: told.data.error, message: told.data.message } : unexplained(answer);
}

const unexplained = ({ status, text }: Answer): Problem => ({
  status,
  code: Unanswered.unexplained,
  message: text.trim() === "" ? "an empty answer" : text,
});

/** Text of any length, HTML perhaps, as a part of a message. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a name has several addresses and none answers, the error's own message is empty. */
function networkMessage(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

/** Requests to an API server: JSON over HTTPS, with patience for a server that restarts. */
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "../errors.ts";
import type { Props } from "../provider.ts";
import type { Connection } from "./kubeconfig.ts";

/** What the API server answered, when it was not success. */
export interface Status {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly causes?: readonly { reason?: string; message?: string; field?: string }[];
  };
}

/** The API server refused; its own words are the message. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? `HTTP ${status.code}`);
    this.status = status;
  }

  get code(): number {
    return this.status.code;
  }
}

/** The API server could not be asked at all. */
export class UnreachableError extends ProviderError {}

export interface RequestOptions {
  readonly query?: Record<string, string | undefined>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds to keep trying while the server refuses connections or is overloaded. */
  readonly patience?: number;
  /** Hands on the server's warnings: deprecated versions, Pod Security violations to come. */
  readonly onWarning?: (message: string) => void;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

const TRANSIENT = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "EAI_AGAIN"]);

export class Api {
  readonly connection: Connection;
  readonly #agent: http.Agent;
  readonly #patience: number;

  /** @param patience of requests that say nothing else */
  constructor(connection: Connection, patience = 30_000) {
    this.connection = connection;
    this.#patience = patience;
    const options = { keepAlive: true, maxSockets: 32 };
    this.#agent = connection.server.startsWith("https:")
      ? new https.Agent({ ...options, ...connection.tls })
      : new http.Agent(options);
  }

  /**
   * Sends one request and returns the parsed answer.
   *
   * @throws ApiError when the server refuses, UnreachableError when it stays away for longer than the patience.
   */
  async request<Result = Props>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    const deadline = Date.now() + (options.patience ?? this.#patience);
    for (let delay = 100; ; delay = Math.min(delay * 2, 3_000)) {
      let failure: unknown;
      try {
        const answer = await this.#send(method, path, options);
        if (answer.status < 300) return JSON.parse(answer.text || "{}") as Result;
        const error = new ApiError(parseStatus(answer));
        if (!isOverload(error)) throw error;
        failure = error;
      } catch (error) {
        if (!(error instanceof ApiError) && !isTransient(error)) throw this.#unreachable(error);
        if (error instanceof ApiError && !isOverload(error)) throw error;
        failure = error;
      }
      if (Date.now() + delay > deadline)
        throw failure instanceof ApiError ? failure : this.#unreachable(failure);
      await sleep(delay, undefined, { signal: options.signal });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #unreachable(error: unknown): Error {
    if (error instanceof Error && error.name === "AbortError") return new ProviderError("cancelled");
    const { code, message } = error as NodeJS.ErrnoException;
    return new UnreachableError(
      `the Kubernetes API server at ${this.connection.server} can't be reached: ${message || code}`,
    );
  }

  #send(method: string, path: string, options: RequestOptions): Promise<Answer> {
    const url = new URL(this.connection.server + path);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, value);
    }
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const headers: http.OutgoingHttpHeaders = {
      accept: "application/json",
      "user-agent": "pulumi-kubernetes-standin",
    };
    if (this.connection.authorization !== undefined) headers.authorization = this.connection.authorization;
    if (body !== undefined) {
      headers["content-type"] = options.contentType ?? "application/json";
      headers["content-length"] = body.length;
    }
    const { request } = url.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        { method, headers, agent: this.#agent, signal: options.signal },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            for (const message of warningsOf(incoming.headers.warning)) options.onWarning?.(message);
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
          });
        },
      );
      // A server that accepts and then says nothing is as good as away.
      outgoing.setTimeout(60_000, () =>
        outgoing.destroy(Object.assign(new Error("no answer in 60 s"), { code: "ETIMEDOUT" })),
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

/** Reads `299 - "text", 299 - "text"`. */
export function warningsOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, message = ""]) =>
    message.replace(/\\(.)/g, "$1"),
  );
}

function parseStatus({ status, text }: Answer): Status {
  try {
    const parsed = JSON.parse(text) as Status;
    if (typeof parsed.message === "string") return { ...parsed, code: parsed.code ?? status };
  } catch {
    // Not every refusal comes from the API server itself: a proxy answers in HTML.
  }
  return { code: status, message: `HTTP ${status}${text ? `: ${text.slice(0, 200)}` : ""}` };
}

function isTransient(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return TRANSIENT.has(code ?? "") || message === "socket hang up";
}

function isOverload({ status }: ApiError): boolean {
  if (status.code === 429) return true;
  // A starting server answers 503; one that has just lost etcd's leader answers 500 with etcd's words.
  return status.code === 503 || (status.code === 500 && /etcdserver:/.test(status.message ?? ""));
}

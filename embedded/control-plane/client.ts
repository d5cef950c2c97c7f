import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import { parse } from "yaml";

/** An answer of the API server, whatever its status. */
export interface KubeResponse {
  readonly status: number;
  readonly text: string;
}

/** One call; the body is sent as JSON, which the API server also takes for YAML. */
export interface KubeCall {
  readonly body?: unknown;
  /** @default "application/json" */
  readonly contentType?: string;
  /** @default "application/json" */
  readonly accept?: string;
}

/** The API server's answer to a call that had to succeed and did not. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly status: number;

  constructor(call: string, { status, text }: KubeResponse) {
    const said = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.slice(0, 500);
    super(`${call}: HTTP ${status}: ${said}`);
    this.status = status;
  }
}

/**
 * A small Kubernetes client for the embedded control plane: one server, a client certificate, no
 * discovery. The full client takes a second to load, which is a fifth of the control plane's start.
 */
export interface KubeClient {
  /** Any answer is a result; only a server that cannot be reached is an error. */
  call(method: string, path: string, call?: KubeCall): Promise<KubeResponse>;
  /** @throws KubeError for an answer other than 2xx */
  json<T>(method: string, path: string, call?: KubeCall): Promise<T>;
  /**
   * The lines of an answer as they come, until the server ends it: for watches.
   * @throws KubeError for an answer other than 2xx
   */
  lines(path: string): AsyncIterable<string>;
  /** Server-side apply of one object. @throws KubeError */
  apply<T>(path: string, object: unknown, fieldManager: string): Promise<T>;
  /** Closes the connections kept open. */
  close(): void;
}

interface Kubeconfig {
  readonly clusters: readonly [{ cluster: { server: string; "certificate-authority-data": string } }];
  readonly users: readonly [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

const timeoutMs = 20_000;
/** How long a watch may say nothing; whoever watches has the server end it sooner. */
const silenceMs = 120_000;

/**
 * A client by the control plane's own kubeconfig.
 *
 * @param withCertificate `false` leaves the client certificate out, and so calls as nobody
 */
export async function kubeClient(kubeconfig: string, withCertificate = true): Promise<KubeClient> {
  const config = parse(await readFile(kubeconfig, "utf8")) as Kubeconfig;
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const decode = (text: string) => Buffer.from(text, "base64");
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ca: decode(cluster["certificate-authority-data"]),
    ...(withCertificate && {
      cert: decode(user["client-certificate-data"]),
      key: decode(user["client-key-data"]),
    }),
  });

  const send = (method: string, path: string, { body, contentType, accept }: KubeCall, timeout: number) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        accept: accept ?? "application/json",
        ...(content && { "content-type": contentType ?? "application/json" }),
      };
      const sent = request(new URL(path, cluster.server), { method, agent, headers, timeout });
      sent.on("timeout", () =>
        sent.destroy(new Error(`${method} ${path}: no answer within ${timeout / 1000} s`)),
      );
      sent.on("error", reject);
      sent.on("response", resolve);
      sent.end(content);
    });
  const call = async (method: string, path: string, call: KubeCall = {}) =>
    readAll(await send(method, path, call, timeoutMs));

  async function* lines(path: string): AsyncIterable<string> {
    const response = await send("GET", path, {}, silenceMs);
    const { statusCode = 0 } = response;
    if (statusCode < 200 || statusCode > 299) throw new KubeError(`GET ${path}`, await readAll(response));
    try {
      yield* createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
    } finally {
      response.destroy();
    }
  }

  const json = async <T>(method: string, path: string, options?: KubeCall): Promise<T> => {
    const response = await call(method, path, options);
    if (response.status < 200 || response.status > 299) throw new KubeError(`${method} ${path}`, response);
    return JSON.parse(response.text) as T;
  };

  return {
    call,
    json,
    lines,
    apply: (path, object, fieldManager) =>
      json("PATCH", `${path}?fieldManager=${fieldManager}&force=true`, {
        body: object,
        contentType: "application/apply-patch+yaml",
      }),
    close: () => agent.destroy(),
  };
}

async function readAll(response: IncomingMessage): Promise<KubeResponse> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode ?? 0, text };
}

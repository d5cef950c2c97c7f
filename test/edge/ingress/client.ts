import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Where a request goes. */
export interface Target {
  port: number;
  host: string;
  /** @default true */
  secure?: boolean;
}

/** What is asked for. */
export interface Ask {
  /** @default "GET" */
  method?: string;
  path: string;
  /** Several values are several headers of that name. */
  headers?: Record<string, string | string[]>;
}

/** Begins a request on the loopback. Names and certificates are not checked: they are the test's own. */
export function begin(
  { port, host, secure = true }: Target,
  { method = "GET", path, headers }: Ask,
): ClientRequest {
  const options = {
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: { host, ...headers },
    agent: false,
  } as const;
  return secure
    ? httpsRequest({ ...options, servername: host, rejectUnauthorized: false })
    : httpRequest(options);
}

/** The answer to a request that was begun. */
export async function answerTo(request: ClientRequest): Promise<Answer> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** Asks without a body. */
export function ask(target: Target, what: Ask): Promise<Answer> {
  const request = begin(target, what);
  const answer = answerTo(request);
  request.end();
  return answer;
}

/** The status of an answer over HTTP/2. */
export async function askByHttp2(
  { port, host }: Target,
  path: string,
  more: Record<string, string> = {},
): Promise<number> {
  const session = connect(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false });
  try {
    const stream = session.request({ ":path": path, ":authority": host, ...more });
    const [headers] = await once(stream, "response");
    stream.resume();
    await once(stream, "end");
    return headers[":status"];
  } finally {
    session.close();
  }
}

/** The status of the answer to a request that is written as it stands, its lines ended by CR and LF. */
export async function askVerbatim({ port, host }: Target, lines: readonly string[]): Promise<number> {
  const socket = tlsConnect({ port, host: "127.0.0.1", servername: host, rejectUnauthorized: false });
  socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** Waits until Traefik has read the objects that serve a host. */
export async function served(target: Target): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await ask(target, { path: "/up" })).status !== 404) return;
    await sleep(100);
  }
  throw new Error(`Traefik does not serve ${target.host} after 10 s`);
}

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Target } from "../test/edge/ingress/client.ts";

/** A connection that is kept, to time one request after the other on. */
export interface Connection {
  /** Asks for a narinfo, and gives the milliseconds until its answer is there. */
  ask(authorization?: string): Promise<number>;
  close(): void;
}

/**
 * Opens one on the loopback. It writes and reads the few bytes itself: an HTTP client would take longer than what is
 * to be measured.
 */
export async function connection({ port, host, secure = true }: Target): Promise<Connection> {
  const at = { port, host: "127.0.0.1" };
  const socket: Socket = secure
    ? connectTls({ ...at, servername: host, rejectUnauthorized: false })
    : connect(at);
  socket.setNoDelay(true);
  await once(socket, secure ? "secureConnect" : "connect");
  return {
    async ask(authorization) {
      const credentials = authorization ? `Authorization: ${authorization}\r\n` : "";
      const request = `GET /main/s66mzxpvicwk07gjbjfw9izjfa797vsw.narinfo HTTP/1.1\r\nHost: ${host}\r\n${credentials}\r\n`;
      const started = performance.now();
      socket.write(request);
      const answer = await read(socket);
      const taken = performance.now() - started;
      if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`asked ${host}, got ${answer.slice(0, 200)}`);
      return taken;
    },
    close: () => socket.destroy(),
  };
}

/** An answer of the stub, whose text ends in words of its own. */
async function read(socket: Socket): Promise<string> {
  let answer = "";
  const isWhole = () =>
    answer.endsWith(/^transfer-encoding: chunked/im.test(answer) ? "\r\n0\r\n\r\n" : "from the stub");
  while (!isWhole()) answer += await once(socket, "data");
  return answer;
}

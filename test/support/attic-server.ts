import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { answer, noHost, type State, type StubCache, type StubOptions } from "./attic-server/answers.ts";
import type { SeenRequest } from "./attic-server/exchange.ts";

export type { StubCache, StubOptions } from "./attic-server/answers.ts";
export type { SeenRequest } from "./attic-server/exchange.ts";

// A stub of Attic for tests: the part of its API that makes and configures caches. It answers as the server of the
// commit that the examples pin does, but it has no database and keeps no object, so it signs and serves nothing.

/** A running stub. */
export interface AtticServer {
  /** Where it listens, on loopback; ends in a slash. */
  url: string;
  /** By name. Tests may change them. */
  caches: Map<string, StubCache>;
  /** All requests so far. */
  requests: SeenRequest[];
  /** Whether it has its database. The real server takes 30 s to say that it has not; the stub says so at once. */
  database: { up: boolean };
  stop(): Promise<void>;
}

/** Starts a stub on a free port. */
export async function startAtticServer(options: StubOptions): Promise<AtticServer> {
  const requests: SeenRequest[] = [];
  const state: State = { options, caches: new Map(), database: { up: true } };
  const one = createServer({ requireHostHeader: false }, async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { method = "", url: path = "/", headers } = request;
    const seen = { method, path, headers, body };
    requests.push(seen);
    const { status, headers: answered, text } = answer(state, seen);
    response.writeHead(status, { ...answered, server: "stub of Attic" });
    response.end(text);
  });
  // The server looks for the header Host, which HTTP/2 does not have.
  const two = createHttp2Server((_, response) => {
    const { status, headers, text } = noHost;
    response.writeHead(status, { ...headers, server: "stub of Attic" });
    response.end(text);
  });
  const sockets = new Set<Socket>();
  const tcp = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (!first) return;
      socket.unshift(first);
      (first.toString("latin1").startsWith("PRI ") ? two : one).emit("connection", socket);
    });
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}/`;
  return {
    url,
    caches: state.caches,
    requests,
    database: state.database,
    stop: async () => {
      tcp.close();
      for (const socket of sockets) socket.destroy();
      await once(tcp, "close");
    },
  };
}

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What reached the stub. */
export interface Received {
  method: string;
  path: string;
  httpVersion: string;
  headers: IncomingMessage["headers"];
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  /** Bytes of the body so far. */
  bytes: number;
}

/** Stands in for the pods: it answers as it is told by the request's own headers. */
export interface Stub {
  readonly port: number;
  readonly received: Received[];
  /** Waits for something to be so. */
  until(condition: () => boolean): Promise<void>;
  /** Lets every answer go that `x-stub-hold` keeps back. */
  release(): void;
  close(): void;
}

/** Headers that tell the stub what to do. */
export const stubHeaders = {
  /** Answers with this status. */
  status: "x-stub-status",
  /** Answers only when released. */
  hold: "x-stub-hold",
  /** Sends the first half of the answer at once, and the second when released. */
  halves: "x-stub-halves",
} as const;

/** Starts a stub on the loopback. */
export async function startStub(): Promise<Stub> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const changed = new EventTarget();
  const notify = () => changed.dispatchEvent(new Event("change"));
  const released = () => new Promise<void>((resolve) => waiting.add(resolve));

  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", httpVersion, headers, rawHeaders } = request;
    const entry: Received = { method, path, httpVersion, headers, rawHeaders, bytes: 0 };
    received.push(entry);
    notify();
    try {
      for await (const chunk of request) {
        entry.bytes += (chunk as Buffer).length;
        notify();
      }
      await answer(request, response, released);
    } catch {
      // The client went away, which some tests do on purpose.
      response.destroy();
    }
  });
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    received,
    async until(condition) {
      while (!condition()) await once(changed, "change", { signal: AbortSignal.timeout(20_000) });
    },
    release() {
      for (const resume of waiting) resume();
      waiting.clear();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  released: () => Promise<void>,
): Promise<void> {
  if (headers[stubHeaders.hold]) await released();
  response.writeHead(Number(headers[stubHeaders.status] ?? 200), { "content-type": "application/x-stub" });
  if (headers[stubHeaders.halves]) {
    response.write("first half, ");
    await released();
    response.end("second half");
  } else {
    response.end(method === "HEAD" ? undefined : "from the stub");
  }
}

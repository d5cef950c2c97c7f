/**
 * A client on the ground, run there by the tests of the ingress.
 *
 *     node edge-client.ts '{"address":…,"host":…,"path":…}'   asks once, and prints the answer
 *     node edge-client.ts '{…,"trickle":true}'                asks until its input ends, and prints how it went
 */

import { request as plainRequest } from "node:http";
import { Agent, type RequestOptions, request as secureRequest } from "node:https";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

/** What is asked for, and where. */
export interface Ask {
  address: string;
  /** Of the request, and of the certificate that is asked for. */
  host: string;
  path: string;
  /** Who is trusted, as PEM; left out, whom the system trusts. */
  authority?: string;
  headers?: Record<string, string>;
  /** @default false */
  plain?: boolean;
  /** Asks on, with a connection for each and with one that is kept. @default false */
  trickle?: boolean;
}

/** An answer, or why there was none. */
export interface Answer {
  status?: number;
  location?: string;
  headers?: Record<string, unknown>;
  body?: string;
  /** The serial number of the server's certificate. */
  serial?: string;
  error?: string;
  /** Whether it went by a connection that an earlier one had used. */
  reused?: boolean;
}

/** How a trickle went. */
export interface Trickled {
  answered: number;
  /** Sent again, as a kept connection had been closed meanwhile. */
  again: number;
  /** When and how each one failed, the first two hundred. */
  failed: number;
  failures: string[];
}

const [text = "{}"] = process.argv.slice(2);
const what = JSON.parse(text) as Ask;
console.log(JSON.stringify(await (what.trickle ? trickle() : ask(undefined))));
process.exit();

function ask(agent: Agent | undefined): Promise<Answer> {
  const { address, host, path, authority, headers, plain } = what;
  const options: RequestOptions = {
    host: address,
    servername: host,
    path,
    headers: { host, ...headers },
    ca: authority,
    agent: agent ?? false,
    timeout: 10_000,
  };
  return new Promise((settle) => {
    const request = (plain ? plainRequest : secureRequest)(options, (response) => {
      const { serialNumber: serial } = plain ? {} : (response.socket as TLSSocket).getPeerCertificate();
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", ({ message }) => settle({ error: message }));
      response.on("end", () => {
        const { location } = response.headers;
        settle({ status: response.statusCode, location, headers: response.headers, body, serial });
      });
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", (error: Error & { code?: string }) =>
      settle({ error: error.code ?? error.message, reused: request.reusedSocket }),
    );
    request.end();
  });
}

/** A server may close a kept connection at any time; every client sends a request that met that once more. */
async function clientsAsk(agent: Agent | undefined, result: Trickled): Promise<Answer> {
  const answer = await ask(agent);
  if (answer.error !== "ECONNRESET" || !answer.reused) return answer;
  result.again++;
  return ask(agent);
}

async function trickle(): Promise<Trickled> {
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  const result: Trickled = { answered: 0, again: 0, failed: 0, failures: [] };
  const begun = performance.now();
  const under = new Set<Promise<void>>();
  let over = false;
  process.stdin.on("end", () => {
    over = true;
  });
  process.stdin.resume();
  while (!over) {
    for (const agent of [undefined, kept]) {
      const at = performance.now() - begun;
      const one = clientsAsk(agent, result).then(({ status, error }) => {
        if (status === 200) result.answered++;
        else {
          result.failed++;
          const how = `${agent ? "kept" : "new"} connection: ${error ?? status}`;
          if (result.failures.length < 200) result.failures.push(`${Math.round(at)} ms: ${how}`);
        }
      });
      under.add(one);
      void one.then(() => under.delete(one));
    }
    await sleep(25);
  }
  await Promise.all(under);
  return result;
}

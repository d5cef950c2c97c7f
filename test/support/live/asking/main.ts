/**
 * A client of the caches on the ground: each line of its input is a request, and each of its output the answer. Every
 * request has a connection of its own, so that it may reach any pod of Traefik.
 *
 *     node main.ts https://nix-cache.live.test
 */
import { request } from "node:https";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Answer, Ask } from "./ask.ts";

const [endpoint = ""] = process.argv.slice(2);

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answered(JSON.parse(line) as Ask))}\n`);
}

function answered({ path, method = "GET", authorization }: Ask): Promise<Answer> {
  const headers = authorization === undefined ? {} : { authorization };
  return new Promise((settle) => {
    const failed = ({ message }: Error) => settle({ status: 0, body: message });
    const sent = request(
      `${endpoint}${path}`,
      { method, headers, agent: false, timeout: 10_000 },
      (reply) => {
        let body = "";
        reply.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        reply.on("error", failed);
        reply.on("end", () => settle({ status: reply.statusCode ?? 0, body: body.slice(0, 200) }));
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.on("error", failed).end();
  });
}

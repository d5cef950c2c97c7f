/**
 * A client on the ground that asks for the same things at a steady rate, until its standard input ends, and tells each
 * answer as it comes. It waits for an answer longer than anything between it and the server does.
 *
 *     node main.ts https://nix-cache.live.test <watches.json
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Seen, Watch } from "./watch.ts";

const [endpoint = ""] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin });
const { value: asked } = await lines[Symbol.asyncIterator]().next();
const underWay = new Set<Promise<void>>();
let ended = false;
lines.on("close", () => {
  ended = true;
});

await Promise.all((JSON.parse(asked as string) as Watch[]).map(watched));
await Promise.all(underWay);
process.exit();

async function watched(watch: Watch): Promise<void> {
  for (let next = performance.now(); !ended; next += watch.everySeconds * 1000) {
    await sleep(Math.max(0, next - performance.now()));
    const running: Promise<void> = ask(watch).finally(() => underWay.delete(running));
    underWay.add(running);
  }
}

async function ask({ name, path, authorization }: Watch): Promise<void> {
  const at = Date.now();
  const begun = performance.now();
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  let status = 0;
  try {
    const signal = AbortSignal.timeout(120_000);
    const answer = await fetch(`${endpoint}${path}`, { headers, redirect: "manual", signal });
    await answer.arrayBuffer();
    status = answer.status;
  } catch {
    // No answer.
  }
  const seen: Seen = { name, at, seconds: Math.round(performance.now() - begun) / 1000, status };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

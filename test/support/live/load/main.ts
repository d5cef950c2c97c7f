/**
 * Asks for one thing, on the ground, as often as it is told, with sixteen connections that it keeps.
 *
 *     node main.ts <work.json
 */
import { createRequire } from "node:module";
import process from "node:process";
import { text } from "node:stream/consumers";
import type { Work } from "./work.ts";

// It has no types.
const autocannon = createRequire(import.meta.url)("autocannon") as (options: object) => Promise<object>;

const { url, authorization, perSecond, seconds } = JSON.parse(await text(process.stdin)) as Work;
const figures = await autocannon({
  url,
  headers: authorization === undefined ? {} : { authorization },
  overallRate: perSecond,
  duration: seconds,
  connections: 16,
  timeout: 30,
  // Else it adds to the latencies what it makes up for requests that it began late itself.
  ignoreCoordinatedOmission: true,
});
process.stdout.write(`${JSON.stringify(figures)}\n`);

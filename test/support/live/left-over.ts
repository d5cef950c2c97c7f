import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { down } from "../../../live/down.ts";
import { livePaths } from "../../../live/paths.ts";

/**
 * Runs beside a run of tests, waits for its end, and takes down what it left: whoever is interrupted or killed can do so
 * no more.
 *
 *     node test/support/live/left-over.ts FOLDER
 *
 * The run holds the other end of its standard input. Its nodes are in FOLDER/live, or in FOLDER/<its own>/live.
 */
const [folder = ""] = process.argv.slice(2);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once("close", resolve));
if (existsSync(folder)) {
  // For workers, which see some time later that they are alone, and may be starting something.
  await sleep(2000);
  const within = readdirSync(folder).map((name) => join(folder, name));
  for (const root of [folder, ...within].map((each) => join(each, "live")).filter(existsSync)) {
    console.error(`nodes were left in ${root}: they are taken down`);
    await down(livePaths(root));
  }
  rmSync(folder, { recursive: true, force: true });
}

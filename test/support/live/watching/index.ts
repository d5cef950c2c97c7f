import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enteringGround } from "../../../../live/nodes/index.ts";
import { stackEnvironment } from "../../../../live/stack/environment.ts";
import { outputs, paths } from "../world.ts";
import type { Seen, Watch } from "./watch.ts";

export type { Seen } from "./watch.ts";

/** A client that asks for the same things again and again. */
export interface Watching {
  /** What has been answered so far. */
  seen(): readonly Seen[];
  /** Ends it, and waits for what is under way. @returns everything that was answered */
  stop(): Promise<readonly Seen[]>;
}

/** Starts one on the ground. What it asks for, with its token, goes by its input: arguments are seen by everybody. */
export async function startWatching(watches: readonly Watch[]): Promise<Watching> {
  const { url } = await outputs();
  const main = join(import.meta.dirname, "main.ts");
  const endpoint = String(url).replace(/\/$/, "");
  const { file, args, env } = await enteringGround(paths, [process.execPath, main, endpoint]);
  const child = spawn(file, args, {
    env: { ...env, ...stackEnvironment(paths) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const seen: Seen[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) =>
    seen.push(JSON.parse(line) as Seen),
  );
  const ended = once(lines, "close");
  child.stdin.write(`${JSON.stringify(watches)}\n`);
  return {
    seen: () => seen,
    async stop() {
      child.stdin.end();
      await ended;
      return seen;
    },
  };
}

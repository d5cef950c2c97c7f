import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enteringGround } from "../../../../live/nodes/index.ts";
import { stackEnvironment } from "../../../../live/stack/environment.ts";
import { token } from "../traffic/index.ts";
import { outputs, paths } from "../world.ts";
import type { Download, Upload, Work } from "./upload.ts";

export type { Upload } from "./upload.ts";

/** A client that uploads. */
export interface Uploads {
  /** What was acknowledged by now; complete even when the client was lost together with the cluster. */
  acknowledged(): readonly Upload[];
  /** Ends it, and waits for what is under way. */
  stop(): Promise<void>;
}

/** Starts to upload paths of random bytes into cache `main`, so many a second, with the stack's token for CI. */
export async function startUploads(rate: number, size = 100_000): Promise<Uploads> {
  const seen: Upload[] = [];
  const client = await start({ token: await token("ci"), rate, size, wanted: [] }, (line) =>
    seen.push(line as Upload),
  );
  return {
    acknowledged: () => seen,
    async stop() {
      client.child.stdin?.end();
      await client.ended;
    },
  };
}

/** Asks for uploads, once each, as a developer does. What the client does not come to counts as not there. */
export async function askBack(wanted: readonly Upload[]): Promise<Download[]> {
  const seen: Download[] = [];
  const client = await start({ token: await token("developers"), rate: 0, size: 0, wanted }, (line) =>
    seen.push(line as Download),
  );
  await client.ended;
  const told = new Set(seen.map(({ hash }) => hash));
  const untold = wanted.filter(({ hash }) => !told.has(hash));
  return [...seen, ...untold.map(({ hash }) => ({ hash, same: false, status: 0 }))];
}

async function start(
  work: Omit<Work, "endpoint" | "cache">,
  told: (line: unknown) => void,
): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
  const { url } = await outputs();
  const whole: Work = { ...work, endpoint: String(url).replace(/\/$/, ""), cache: "main" };
  const main = join(import.meta.dirname, "main.ts");
  const { file, args, env } = await enteringGround(paths, [process.execPath, main]);
  const child = spawn(file, args, {
    env: { ...env, ...stackEnvironment(paths) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout }).on("line", (line) => told(JSON.parse(line)));
  const ended = once(lines, "close");
  child.stdin.on("error", () => {}).write(`${JSON.stringify(whole)}\n`);
  return { child, ended };
}

import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory } from "../toolchain/cache.ts";
import { type ProgressListener, stopwatch } from "../toolchain/progress.ts";
import { findReady, lastLines, type Readiness } from "./state.ts";

const startSeconds = 180;

export interface StartOptions {
  readonly binary: string;
  readonly stateDir: string;
  readonly nodes: number;
  readonly port: number;
  readonly dieWithParent: boolean;
  readonly progress?: ProgressListener;
}

/**
 * Starts a control plane and waits until it is ready. It outlives this process unless told otherwise.
 *
 * @throws Error with the end of its log when it ends before it is ready, or is not ready in 3 minutes
 */
export async function startControlPlane(options: StartOptions): Promise<Readiness> {
  const { stateDir } = options;
  const log = join(await ensureDirectory(join(stateDir, "logs")), "up.log");
  await rm(log, { force: true });
  await (await open(log, "a", 0o600)).close();
  const output = openSync(log, "a");
  const child = spawn(
    options.binary,
    [
      "up",
      `--state=${stateDir}`,
      `--nodes=${options.nodes}`,
      `--port=${options.port}`,
      // It reads a pipe that only this process holds: however this one ends, the pipe does too.
      ...(options.dieWithParent ? ["--stop-on-stdin-eof"] : []),
    ],
    { detached: true, cwd: stateDir, stdio: [options.dieWithParent ? "pipe" : "ignore", output, output] },
  );
  child.unref();
  (child.stdin as Socket | null)?.unref();
  let ended: string | undefined;
  child.on("error", (error) => {
    ended = error.message;
  });
  child.on("exit", (code, signalName) => {
    ended = signalName ? `killed by ${signalName}` : `exit code ${code}`;
  });

  const watch = stopwatch(options.progress);
  try {
    for (const end = performance.now() + startSeconds * 1000; performance.now() < end; await sleep(50)) {
      const ready = await findReady(stateDir);
      if (ready && ready.pid === child.pid) return ready;
      const last = await lastLines(log, 1);
      if (ended !== undefined) throw new Error(await failure(log, `ended before it was ready (${ended})`));
      watch.report({ step: "Starting the control plane", current: last, expectedSeconds: 6 });
    }
    child.kill();
    throw new Error(await failure(log, `was not ready within ${startSeconds} s`));
  } finally {
    watch.stop();
  }
}

async function failure(log: string, what: string): Promise<string> {
  return `The control plane ${what}. The end of ${log}:\n${await lastLines(log, 20)}`;
}

import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, isAlive, type ProcessIdentity, signal } from "../../embedded/control-plane/process.ts";
import { lastLines } from "../../embedded/control-plane/state.ts";
import type { LivePaths } from "../paths.ts";
import { ground } from "./index.ts";
import { identify, remembered } from "./namespaces.ts";

/** A server beside the nodes: outside the cluster, in the ground's network. It ends with the ground. */
export interface Beside {
  /** Of its log and of the file that remembers it. */
  name: string;
  command: readonly [string, ...string[]];
  env?: Record<string, string>;
}

const file = (paths: LivePaths, name: string) => join(paths.run, `beside-${name}.json`);

/** The process of a server beside the nodes, while it lives. */
export const beside = (paths: LivePaths, name: string): Promise<ProcessIdentity | undefined> =>
  remembered(file(paths, name));

/**
 * Starts a server beside the nodes, unless it runs.
 * @returns whether it was started
 * @throws Error with the end of its log when it does not start; whether it then listens is for its own client to see
 */
export async function startBeside(paths: LivePaths, { name, command, env }: Beside): Promise<boolean> {
  if (await beside(paths, name)) return false;
  const below = await ground(paths);
  if (!below) throw new Error("the ground is not there");
  const log = join(paths.logs, `${name}.log`);
  await mkdir(dirname(log), { recursive: true });
  const output = openSync(log, "a", 0o600);
  // The shell between the two: nsenter would stop together with a server that is stopped, and stay so.
  const waiting = ["sh", "-c", '"$@" & wait $!', name, ...command];
  const child = spawn("nsenter", [`--target=${below.pid}`, "--net", "--pid", "--", ...waiting], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH, ...env },
  });
  child.unref();
  for (let i = 0; i < 200 && child.exitCode === null; i++) {
    const shell = await childOf(child.pid);
    const server = await childOf(shell);
    const identity = server === undefined ? undefined : await identify(server);
    if (identity) {
      await mkdir(paths.run, { recursive: true });
      await writeFile(file(paths, name), JSON.stringify(identity));
      return true;
    }
    await sleep(25);
  }
  throw new Error(`${name} did not start:\n${await lastLines(log, 10)}`);
}

async function childOf(pid: number | undefined): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return children === "" ? undefined : Number(children.split(" ")[0]);
}

/** Ends a server beside the nodes; as a crash would with `SIGKILL`. */
export async function endBeside(
  paths: LivePaths,
  name: string,
  by: "SIGTERM" | "SIGKILL" = "SIGTERM",
): Promise<void> {
  const running = await beside(paths, name);
  if (!running) return;
  await signal(running, by);
  if (!(await hasEnded(running, 10)) && (await isAlive(running))) throw new Error(`${name} does not end`);
  await rm(file(paths, name), { force: true });
}

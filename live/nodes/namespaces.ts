import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, isAlive, type ProcessIdentity, signal } from "../../embedded/control-plane/process.ts";
import { lastLines, living, readJson } from "../../embedded/control-plane/state.ts";
import { processStat } from "../../embedded/process-stat.ts";

/** The first process of namespaces that were made: they live as long as it does. */
export type Namespaces = ProcessIdentity;

export interface MakeOptions {
  /** The script that becomes their first process. */
  script: string;
  env: Record<string, string>;
  /** Where what it prints goes. */
  log: string;
  /** Where it is remembered. */
  file: string;
  /** Namespaces that they are nested in. @default those of this process */
  within?: Namespaces;
}

/** Namespaces of the network, of mounts, of processes, of names and of shared memory. */
const kinds = ["--net", "--mount", "--pid", "--uts", "--ipc"];

/**
 * Runs a script as the first process of namespaces of its own, apart from this process.
 * @throws Error with the end of its log when it ends at once
 */
export async function make({ script, env, log, file, within }: MakeOptions): Promise<Namespaces> {
  await mkdir(dirname(log), { recursive: true });
  const output = openSync(log, "w", 0o600);
  const unshare = [
    ...kinds,
    "--fork",
    "--kill-child=KILL",
    "--mount-proc",
    // What is mounted in those around it later, such as a volume, is seen within; nothing is seen outside.
    `--propagation=${within ? "slave" : "private"}`,
    "sh",
    script,
  ];
  const [command, args] = within
    ? ["nsenter", [`--target=${within.pid}`, ...kinds, "--", "unshare", ...unshare]]
    : ["unshare", unshare];
  const child = spawn(command as string, args as string[], {
    detached: true,
    cwd: "/",
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH, ...env },
  });
  child.unref();
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  const outside = await readlink("/proc/self/ns/net");
  const parent = within ? await readlink(`/proc/${within.pid}/ns/net`) : outside;
  for (let i = 0; i < 200; i++) {
    const first = await innermost(child.pid as number, new Set([outside, parent]));
    if (first !== undefined) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(first));
      return first;
    }
    if (ended) break;
    await sleep(25);
  }
  child.kill("SIGKILL");
  throw new Error(`${script} did not start:\n${await lastLines(log, 10)}`);
}

/** The first descendant of a process that is in another network namespace. */
async function innermost(pid: number, known: ReadonlySet<string>): Promise<ProcessIdentity | undefined> {
  for (let current = pid; ; ) {
    const children = await readFile(`/proc/${current}/task/${current}/children`, "utf8").catch(() => "");
    const [child] = children.trim().split(" ");
    if (!child) return undefined;
    const network = await readlink(`/proc/${child}/ns/net`).catch(() => undefined);
    const processes = await readlink(`/proc/${child}/ns/pid`).catch(() => undefined);
    const above = await readlink(`/proc/${current}/ns/pid`).catch(() => undefined);
    // `unshare` changes its own network before it forks the first process.
    if (network !== undefined && !known.has(network) && processes !== above) return identify(Number(child));
    current = Number(child);
  }
}

/** A process as it is found again; undefined when it has ended. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const found = processStat(pid);
  return found && { pid, startTime: found.startTime };
}

/** What a file remembers, if it still lives. */
export const remembered = (file: string): Promise<Namespaces | undefined> =>
  readJson<Namespaces>(file).then(living);

/** Remembers that all of what starts in them has started. */
export const markUp = (file: string, namespaces: Namespaces): Promise<void> =>
  writeFile(file, JSON.stringify({ ...namespaces, up: true }));

/** Whether they live, and all of what starts in them has started. */
export const isUp = async (file: string): Promise<boolean> =>
  (await readJson<Namespaces & { up?: boolean }>(file).then(living))?.up ?? false;

/**
 * Ends namespaces and everything in them, as a power failure would.
 * @throws Error when they do not end
 */
export async function end(namespaces: Namespaces, file: string): Promise<void> {
  if (await isAlive(namespaces)) await signal(namespaces, "SIGKILL");
  if (!(await hasEnded(namespaces, 10))) throw new Error(`process ${namespaces.pid} does not end`);
  await rm(file, { force: true });
}

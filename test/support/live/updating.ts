import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { lockHolders, pendingOperations } from "../../../embedded/engine/recover.ts";
import { keptDirectory } from "../../../embedded/engine/workspace.ts";
import { PROJECT_DIR } from "../../../embedded/local/paths.ts";
import { processStat } from "../../../embedded/process-stat.ts";
import { enteringGround } from "../../../live/nodes/index.ts";
import type { Said } from "../../../live/stack/deploy.ts";
import { LIVE_STACK, stackEnvironment } from "../../../live/stack/environment.ts";
import { output, paths, until } from "./world.ts";

/** Who brings a stack up: `npm run live`, which keeps the state itself, or a person with their own Pulumi. */
export const ways = ["npm run live", "atticctl deploy"] as const;
export type Way = (typeof ways)[number];

const project = "attic";
const state = () => keptDirectory(paths.engine);

const holders = (): number[] => lockHolders(state(), project, LIVE_STACK).map(({ pid }) => pid);

/** Whether somebody holds the stack: an update that runs, or one that was killed. */
export const locked = (): boolean => holders().length > 0;

/** The URNs of creations that the state knows no end of. */
export const pending = (): string[] => pendingOperations(state(), project, LIVE_STACK);

/** An update that runs. */
export interface Update {
  /** What it said, once it has ended. */
  ended: Promise<Said>;
  /** Waits until it has taken the stack, and so begun to change it. @throws Error when it ended before */
  begun(): Promise<void>;
  /** Ends it with all its children, as the loss of the machine that it runs on would. @returns how many processes */
  kill(): Promise<number>;
}

const commands: Record<Way, readonly string[]> = {
  "npm run live": [join(PROJECT_DIR, "live/stack/main.ts"), paths.root, "8", "5"],
  "atticctl deploy": [join(PROJECT_DIR, "cli/main.ts"), "deploy", "--yes", "--no-verify"],
};

/** Starts to bring the stack to what its file says. */
export async function startUpdate(way: Way, ...more: string[]): Promise<Update> {
  const { file, args, env } = await enteringGround(paths, [process.execPath, ...commands[way], ...more]);
  const before = holders();
  const taken = () => holders().some((pid) => !before.includes(pid));
  const child = spawn(file, args, {
    cwd: paths.project,
    // `npm run live` has an environment of its own, as it is started outside the stack's.
    env: way === "npm run live" ? env : { ...env, ...stackEnvironment(paths) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const ended = once(child, "close").then(
    ([code]): Said => ({ code: (code as number | null) ?? -1, ...said }),
  );
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    ended,
    async begun() {
      await until(`${way} has begun`, 240, async () => over || taken(), 20);
      if (over) throw new Error(`${way} ended before it had begun: ${said.stdout}${said.stderr}`);
    },
    async kill() {
      const killed = over ? 0 : await killTree(child.pid as number);
      await ended;
      return killed;
    },
  };
}

/** Runs an update to its end. */
export const runUpdate = async (way: Way, ...more: string[]): Promise<Said> =>
  (await startUpdate(way, ...more)).ended;

/** How long an update holds the stack, in seconds, until it is done. */
export async function timed(update: Update): Promise<number> {
  await update.begun();
  const begun = performance.now();
  const { code, stdout, stderr } = await update.ended;
  if (code !== 0) throw new Error(`the update failed: ${stdout}${stderr}`);
  return (performance.now() - begun) / 1000;
}

/** Stops each first, so that none starts another meanwhile. */
async function killTree(root: number): Promise<number> {
  const pids = new Set<number>();
  for (let found = [root]; found.length > 0; found = descendants(root).filter((pid) => !pids.has(pid))) {
    for (const pid of found) {
      pids.add(pid);
      send(pid, "SIGSTOP");
    }
    await sleep(5);
  }
  for (const pid of pids) send(pid, "SIGKILL");
  // On a machine that is lost nothing is left, and an engine takes its time to end.
  await until("what was killed is gone", 30, async () => ![...pids].some(runs), 20);
  return pids.size;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = processStat(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((each) => [each, ...below(each)]);
  return below(root);
}

/** Whether a process is there, and has not ended. */
const runs = (pid: number): boolean => !/^[ZX]?$/.test(processStat(pid)?.state ?? "");

/** Gives back the lock that a killed update left: what docs/operations.md says to do. */
export const cancel = (): Promise<string> => output("pulumi", "cancel", "--yes", "--stack", LIVE_STACK);

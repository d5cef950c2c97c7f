import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { processStat } from "../process-stat.ts";
import { EngineError } from "./errors.ts";
import type { EngineDirectory } from "./workspace.ts";

/** Who holds a stack of a `file://` backend. */
export interface LockHolder {
  pid: number;
  hostname: string;
  /** ISO 8601. */
  timestamp: string;
}

/** The locks on a stack, read from the backend's files. */
export function lockHolders(directory: EngineDirectory, project: string, stack: string): LockHolder[] {
  const locks = path.join(directory.backend, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(locks)) {
    return [];
  }
  return readdirSync(locks)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(locks, name), "utf8")) as LockHolder);
}

/** Tells whether a lock's owner can no longer give it back. */
export function isStale(holder: LockHolder, isAlive: (pid: number) => boolean, host = hostname()): boolean {
  return holder.hostname === host && !isAlive(holder.pid);
}

/**
 * Tells whether an engine with this process id runs. One that was killed and that nobody has reaped yet does not, nor
 * does what has got its id since.
 */
export function engineIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It may be there and belong to someone else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (!existsSync("/proc/self/stat")) return true;
  const found = processStat(pid);
  return found ? found.name.includes("pulumi") && !/[ZX]/.test(found.state) : false;
}

/** Operations that an earlier engine began and never saw the end of. */
export function pendingOperations(directory: EngineDirectory, project: string, stack: string): string[] {
  const file = path.join(directory.backend, ".pulumi", "stacks", project, `${stack}.json`);
  if (!existsSync(file)) {
    return [];
  }
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint?: { latest?: { pending_operations?: { resource: { urn: string } }[] } };
  };
  return (state.checkpoint?.latest?.pending_operations ?? []).map((operation) => operation.resource.urn);
}

/**
 * Gives back the lock of an engine that was killed.
 *
 * @returns what was done, a sentence each; empty when nothing was wrong
 * @throws EngineError of kind `locked` when the other engine is alive
 */
export async function recover(stack: Stack, directory: EngineDirectory, project: string): Promise<string[]> {
  const holders = lockHolders(directory, project, stack.name);
  const busy = holders.find((holder) => !isStale(holder, engineIsAlive));
  if (busy) {
    throw new EngineError(
      "locked",
      `stack ${stack.name} is being worked on by process ${busy.pid} on ${busy.hostname} since ${busy.timestamp}`,
      { hint: "wait for it to end; if it hangs, end it with Ctrl-C where it runs" },
    );
  }
  if (holders.length === 0) return [];
  await stack.cancel();
  return [
    `gave back the lock of an engine that is gone (process ${holders.map((each) => each.pid).join(", ")})`,
  ];
}

/**
 * Clears the operations whose outcome nobody knows. Before an update of the same objects they must stay: they say whose
 * an object is that is there and not in the state.
 *
 * @returns what was done, a sentence each; empty when there were none
 */
export async function clearPending(
  stack: Stack,
  directory: EngineDirectory,
  project: string,
): Promise<string[]> {
  const pending = pendingOperations(directory, project, stack.name);
  if (pending.length === 0) return [];
  const state = await stack.exportStack();
  // A refresh would ask every resource of the stack; only these are in doubt.
  delete (state.deployment as { pending_operations?: unknown }).pending_operations;
  await stack.importStack(state);
  return [`cleared ${pending.length} operation(s) that an interrupted run left unfinished`];
}

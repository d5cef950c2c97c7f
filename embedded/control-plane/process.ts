import { setTimeout as sleep } from "node:timers/promises";
import { processStat } from "../process-stat.ts";

/**
 * A process, told from a later one with the same pid by when it started (field 22 of /proc/PID/stat:
 * clock ticks since the machine's start).
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** Whether exactly this process still runs. One that has ended but is not yet reaped does not. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  const found = processStat(pid);
  return found?.startTime === startTime && found.state !== "Z";
}

/**
 * Sends a signal to exactly this process.
 *
 * @returns whether it was there to be signalled
 */
export async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Waits until a process has ended, at most so many seconds. @returns whether it has */
export async function hasEnded(identity: ProcessIdentity, seconds: number): Promise<boolean> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(50)) {
    if (!(await isAlive(identity))) return true;
  }
  return false;
}

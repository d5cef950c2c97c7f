import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { RunOptions } from "./engine.ts";
import type { Operation } from "./events.ts";
import { clearWhatIsDone, creationsInDoubt } from "./in-doubt.ts";
import { isOwn } from "./own.ts";
import { clearPending, pendingOperations, recover } from "./recover.ts";

type Run = Pick<RunOptions, "directory" | "action">;

/**
 * Repairs what an engine that was killed left behind, where the state is ours alone.
 * @returns what was done, a sentence each
 * @throws EngineError of kind `locked` when the other engine is alive
 */
export async function repair(stack: Stack, { directory, action }: Run): Promise<string[]> {
  if (isOwn(directory)) return [];
  const { name } = await stack.workspace.projectSettings();
  const unlocked = await recover(stack, directory, name);
  return runsProgram(action) ? unlocked : [...unlocked, ...(await clearPending(stack, directory, name))];
}

/** What such an engine left that only an update can tell the end of: URNs. */
export async function inDoubt(stack: Stack, { directory, action }: Run): Promise<string[]> {
  if (!runsProgram(action)) return [];
  if (isOwn(directory)) return creationsInDoubt(stack);
  const { name } = await stack.workspace.projectSettings();
  return pendingOperations(directory, name, stack.name);
}

/**
 * Clears what was in doubt before an update that has succeeded.
 * @returns what was done, or is left to do, a sentence each
 */
export async function settle(
  stack: Stack,
  { directory, action }: Run,
  doubted: readonly string[],
  operation: Operation,
): Promise<string[]> {
  if (action !== "up" || doubted.length === 0) return [];
  if (isOwn(directory)) return clearWhatIsDone(stack, doubted, operation);
  const { name } = await stack.workspace.projectSettings();
  return clearPending(stack, directory, name);
}

const runsProgram = (action: RunOptions["action"]) => action === "preview" || action === "up";

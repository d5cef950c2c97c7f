import { rm } from "node:fs/promises";
import { stopAll } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";

/**
 * Ends everything and removes its state.
 * @returns whether anything was running
 */
export async function down(paths: LivePaths): Promise<boolean> {
  const was = await stopAll(paths);
  await rm(paths.root, { recursive: true, force: true });
  return was;
}

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const takeDown = join(import.meta.dirname, "take-down.ts");

/**
 * Has nodes taken down that are left when this process ends, and the folder removed that they are kept in. Vitest does not
 * come to what a setup returned when it is interrupted, and waits for nothing.
 * @param roots where nodes may be kept, below the folder
 * @returns what does so at once
 */
export function leaveNothing(folder: string, roots: () => readonly string[]): () => void {
  const left = () => roots().filter((root) => existsSync(root));
  const end = () => {
    process.off("exit", end);
    for (const root of left()) {
      console.log(`nodes are left in ${root}: they are taken down`);
      spawnSync(process.execPath, [takeDown, root], { stdio: "inherit" });
    }
    // Without its state nobody would find a node that does not end.
    if (left().length === 0) rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", end);
  return end;
}

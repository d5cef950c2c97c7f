import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LivePaths } from "../paths.ts";

const mount = "/sys/fs/cgroup";

/**
 * Removes the cgroup folders that ended nodes leave behind; of one node, or of all.
 * @throws Error when one still holds a process
 */
export async function removeCgroups({ cgroups }: LivePaths, node?: string): Promise<void> {
  const hierarchies = ["", ...(await readdir(mount).catch(() => []))].map((name) => join(mount, name));
  for (const hierarchy of new Set(hierarchies)) {
    await removeTree(join(hierarchy, cgroups, ...(node ? [node] : [])));
  }
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return;
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  for (let attempt = 0; ; attempt++) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      // The last processes are still on their way out.
      if (code !== "EBUSY" || attempt === 100) throw error;
      await sleep(50);
    }
  }
}

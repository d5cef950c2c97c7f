import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nodeOf } from "./addresses.ts";
import { stopAll } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";

/**
 * Loses the cluster: its nodes, its control plane with all objects, its volumes and the authority that signed for it are
 * gone at once. What lies elsewhere in real life stays: the object store's buckets and keys, the stack's state, and its
 * files. `up` without the stack makes another cluster; the object store comes back with it.
 * @returns whether anything was running
 */
export async function loseCluster(paths: LivePaths): Promise<boolean> {
  const was = await stopAll(paths);
  const lost = [
    paths.controlPlane,
    dirname(paths.node(nodeOf(1).name)),
    paths.volumes,
    paths.run,
    paths.authority,
  ];
  for (const each of lost) await rm(each, { recursive: true, force: true });
  return was;
}

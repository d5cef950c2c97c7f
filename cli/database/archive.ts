import type { Cluster } from "../cluster/index.ts";
import { kinds, type Live, refs } from "./objects.ts";
import { fullBackups, recoveryWindows } from "./recovery-window.ts";
import type { Archive } from "./target.ts";

/** What the cluster tells of the archive of a server name. */
export async function archiveOf(cluster: Cluster, server: string): Promise<Archive> {
  const [store, backups] = await Promise.all([
    cluster.find<Live>(refs.store),
    cluster.list<Live>(kinds.backup),
  ]);
  return { server, window: recoveryWindows(store)[server], backups: fullBackups(backups) };
}

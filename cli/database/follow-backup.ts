import type { Cluster } from "../cluster/index.ts";
import { until } from "../cluster/until.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { World } from "../world.ts";
import { kinds, type Live } from "./objects.ts";

/** What became of a backup. */
export interface BackupResult {
  name: string;
  /** The operator's own word: `completed`, `failed`, `running`… */
  phase: string;
  /** As barman names it; undefined before it began. */
  backupId: string | undefined;
  /** ISO 8601. */
  started: string | undefined;
  stopped: string | undefined;
  error: string | undefined;
}

/** What a Backup object tells. */
export function backupResult({ metadata, status }: Live): BackupResult {
  return {
    name: metadata.name,
    phase: status?.phase ?? "new",
    backupId: status?.backupId,
    started: status?.startedAt,
    stopped: status?.stoppedAt,
    error: status?.error,
  };
}

/**
 * Waits for a backup's end.
 * @param timeout in milliseconds
 * @param changed told of every new phase
 * @returns it, completed
 * @throws CliError when it failed, or does not end in time
 */
export async function followBackup(
  world: Pick<World, "elapsed" | "sleep">,
  cluster: Cluster,
  name: string,
  timeout: number,
  changed: (phase: string) => void,
): Promise<BackupResult> {
  let last = "";
  const { seen, done } = await until(
    world,
    async () => {
      const result = backupResult(await cluster.get<Live>({ ...kinds.backup, name }));
      if (result.phase !== last) changed(result.phase);
      last = result.phase;
      return result;
    },
    ({ phase }) => phase === "completed" || phase === "failed",
    { timeout, interval: 5_000 },
  );
  const look = `kubectl -n ${cluster.namespace} logs -l cnpg.io/cluster=attic-pg -c plugin-barman-cloud --tail=50`;
  if (!done) {
    throw new CliError(
      EXIT.failed,
      `backup ${name} has not ended: it is ${seen.phase}. It goes on; nothing was stopped`,
      `see how far it is: ${look}`,
    );
  }
  if (seen.phase === "failed") {
    throw new CliError(
      EXIT.failed,
      `backup ${name} failed: ${seen.error ?? "the operator does not say why"}`,
      `docs/runbooks/AtticBackupFailed.md; its log: ${look}`,
    );
  }
  return seen;
}

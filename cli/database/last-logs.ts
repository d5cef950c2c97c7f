import type { Cluster } from "../cluster/index.ts";
import { until } from "../cluster/until.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { World } from "../world.ts";
import { psql, type Session } from "./psql.ts";

/**
 * Sends off what the archive does not have yet, and waits until it is there.
 *
 * First it commits a transaction that changes nothing. PostgreSQL stops a recovery at the first commit after the moment
 * that is wanted, and calls it failed when there is none; with this one there is, for every moment until now.
 * @returns the name of the last log
 * @throws CliError when it does not arrive in ten minutes, or PostgreSQL does not answer
 */
export async function sendLastLogs(
  world: Pick<World, "elapsed" | "sleep">,
  cluster: Cluster,
  session: Session,
): Promise<string> {
  // One call each: what one call holds is one transaction.
  await psql(cluster, session, "SELECT pg_current_xact_id()");
  const log = await psql(cluster, session, "SELECT pg_walfile_name(pg_switch_wal())");
  if (!/^[0-9A-F]{24}$/.test(log)) {
    throw new CliError(EXIT.failed, `PostgreSQL names a log ${JSON.stringify(log)}, which is none`);
  }
  const arrived = `SELECT coalesce(left(last_archived_wal, 24) >= '${log}', false) FROM pg_stat_archiver`;
  const { done } = await until(
    world,
    () => psql(cluster, session, arrived),
    (answer) => answer === "t",
    { timeout: 600_000, interval: 5_000 },
  );
  if (done) return log;
  throw new CliError(
    EXIT.failed,
    `log ${log} has not arrived in the archive: what was written since the last one that did would be lost`,
    "docs/runbooks/AtticWalArchivingFailing.md",
  );
}

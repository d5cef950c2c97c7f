import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { serverName } from "../../components/postgres/bootstrap.ts";
import { name as database } from "../../components/postgres/names.ts";
import type { StackConfig } from "../../config/resolve.ts";

/** The server name under which a live Cluster archives; undefined where it does not. */
export function archivesAs(cluster: Manifest | undefined): string | undefined {
  return cluster?.spec?.plugins?.[0]?.parameters?.serverName;
}

/**
 * Every server name that is known to have been used: by the stack's file, the live Cluster and the ObjectStore's
 * status. There may be more in the bucket; the plugin refuses to begin in an archive that is not empty.
 */
export function usedServerNames(
  config: StackConfig,
  live: { cluster: Manifest | undefined; store: Manifest | undefined },
): string[] {
  const { restore, backup } = config.database.cloudNativePg;
  const origins: { plugin?: { parameters?: { serverName?: string } } }[] =
    live.cluster?.spec?.externalClusters ?? [];
  const names = [
    database,
    restore?.from,
    restore?.serverName,
    backup.serverName,
    serverName(config),
    archivesAs(live.cluster),
    ...origins.map(({ plugin }) => plugin?.parameters?.serverName),
    ...Object.keys(live.store?.status?.serverRecoveryWindow ?? {}),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** A server name that none of these is: the database's with the next number, `attic-pg-3` after `attic-pg-2`. */
export function nextServerName(used: readonly string[]): string {
  const numbers = used
    .map((name) => (name.startsWith(`${database}-`) ? Number(name.slice(database.length + 1)) : Number.NaN))
    .filter((number) => Number.isSafeInteger(number) && number > 0 && number < 1e6);
  return `${database}-${Math.max(1, ...numbers) + 1}`;
}

import { isDeepStrictEqual } from "node:util";
import { serverName } from "../../../components/postgres/bootstrap.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { Live } from "../objects.ts";
import { recoveryWindows } from "../recovery-window.ts";
import { archivesAs, nextServerName, usedServerNames } from "../server-names.ts";
import { type Target, targetSettings } from "../target.ts";
import type { RestoreEntry } from "./restore-edit.ts";

/** What a restore is decided by. */
export interface Circumstances {
  config: StackConfig;
  /** The live Cluster; undefined when it is gone. */
  cluster: Live | undefined;
  store: Live | undefined;
  target: Target;
  /** The archive's server name, where a person gives one. */
  from?: string;
  /** The new server name, where a person gives one. */
  serverName?: string;
}

/** A restore, and how far it is. */
export interface Situation {
  entry: RestoreEntry;
  /** Whether the stack's file has it already: it was reviewed, or begun. */
  prepared: boolean;
  /** Whether the live database is the restored one. */
  restored: boolean;
}

/**
 * What is to be written into the stack's file. What stands there already is taken up when it is the same restore, and
 * its new server name is still nobody's, or the restored database's.
 * @throws CliError when nothing tells whether that one was done long ago, and nobody says it
 */
export function situationOf(circumstances: Circumstances): Situation {
  const { config, cluster, store, target } = circumstances;
  const { restore: written } = config.database.cloudNativePg;
  if (written) assertChosen(circumstances, written);
  const live = archivesAs(cluster);
  const settings = targetSettings(target);
  if (written && asksFor(circumstances, written, settings)) {
    const restored = live === written.serverName;
    const untouched = !recoveryWindows(store)[written.serverName];
    const theOld = live === undefined || live === written.from;
    if (restored || (theOld && untouched)) {
      return { entry: entryOf(written), prepared: true, restored };
    }
  }
  const used = usedServerNames(config, { cluster, store });
  const entry = {
    from: circumstances.from ?? live ?? newestArchive(store) ?? serverName(config),
    serverName: circumstances.serverName ?? nextServerName(used),
    ...settings,
  };
  return { entry, prepared: false, restored: false };
}

/** A new cluster knows of no restore: the file's may have been done in the lost one, and another archive be newer. */
function assertChosen({ config, cluster, store, from, serverName }: Circumstances, written: RestoreEntry) {
  if (cluster || store || (from && serverName)) return;
  const next = nextServerName(usedServerNames(config, { cluster, store }));
  throw new CliError(
    EXIT.usage,
    `the stack's file has a restore from ${written.from} as ${written.serverName}, and nothing in this cluster tells whether it was done; nothing was changed`,
    [
      "give both --from and --server-name; the bucket's folders show which archives there are: docs/disaster-recovery.md",
      `where it was done before the cluster was lost: --from ${written.serverName} --server-name ${next}`,
      `where it was begun in this cluster: --from ${written.from} --server-name ${written.serverName}`,
    ].join("\n"),
  );
}

function asksFor({ from, serverName }: Circumstances, written: RestoreEntry, settings: object): boolean {
  const { from: origin, serverName: name, ...target } = entryOf(written);
  return (
    isDeepStrictEqual(target, settings) &&
    (from === undefined || from === origin) &&
    (serverName === undefined || serverName === name)
  );
}

/** Without keys that have no value. */
const entryOf = (written: RestoreEntry): RestoreEntry =>
  Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined),
  ) as unknown as RestoreEntry;

/** The server name with the newest full backup: what the database was called that is gone. */
function newestArchive(store: Live | undefined): string | undefined {
  const age = (backup: Date | undefined) => backup?.getTime() ?? 0;
  return Object.entries(recoveryWindows(store))
    .toSorted(([, a], [, b]) => age(a.lastBackup) - age(b.lastBackup))
    .at(-1)?.[0];
}

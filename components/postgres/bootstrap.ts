import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import type { StackConfig } from "../../config/index.ts";
import { name, plugin } from "./names.ts";
import { exemptSuperuser } from "./statement-timeout.ts";

/** What the Cluster calls the archive that it is restored from. */
const origin = "origin";

/**
 * The folder of the object store in which this database archives. A restored one never goes on in the archive it
 * came from: the two histories part at the moment of the restore, and the old one is what a second try needs.
 */
export function serverName({ database }: StackConfig): string {
  const { restore, backup } = database.cloudNativePg;
  return restore?.serverName ?? backup.serverName ?? name;
}

/**
 * How the data comes to be: empty, or out of the backups. The operator reads it once, when the Cluster is made.
 * Whatever its webhook would fill in is written out, so that no default stays behind when one way follows the other.
 */
export function bootstrap({
  database,
}: StackConfig): Pick<ICluster["spec"], "bootstrap" | "externalClusters"> {
  const { restore } = database.cloudNativePg;
  const owned = { database: database.name, owner: database.user };
  if (!restore) {
    return {
      bootstrap: {
        initdb: {
          ...owned,
          // Bad storage is noticed when a page is read, not when a backup of it is needed.
          dataChecksums: true,
          encoding: "UTF8",
          // Byte order is the same in every version of the C library: no index breaks when the image's changes.
          localeCollate: "C",
          localeCType: "C",
          postInitSQL: [exemptSuperuser],
        },
      },
    };
  }
  const { from, targetTime, targetName, backupId } = restore;
  const target = {
    ...(backupId && { backupID: backupId }),
    ...(targetTime && { targetTime }),
    ...(targetName && { targetName }),
  };
  return {
    bootstrap: {
      recovery: {
        source: origin,
        ...owned,
        ...(Object.keys(target).length > 0 && { recoveryTarget: target }),
      },
    },
    externalClusters: [
      { name: origin, plugin: { name: plugin, parameters: { barmanObjectName: name, serverName: from } } },
    ],
  };
}

/**
 * The fields that count when the Cluster is made and never after. Pulumi is told to leave them alone, so that
 * adding `restore` to a running database or taking it out again changes nothing: above all not the folder it
 * archives in, where going back to the first one would mix two histories. Only a folder that is named for a running
 * database, as another major version needs, goes through.
 */
export function readOnce({ database }: StackConfig): string[] {
  const renamed = database.cloudNativePg.backup.serverName !== undefined;
  return [
    "spec.bootstrap",
    "spec.externalClusters",
    ...(renamed ? [] : ["spec.plugins[0].parameters.serverName"]),
  ];
}

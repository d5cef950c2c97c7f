import type { ICluster, IScheduledBackup } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import type { StackConfig } from "../../config/index.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { serverName } from "./bootstrap.ts";
import { identity, name, plugin } from "./names.ts";

/** What makes the Cluster archive its write-ahead logs, in the ObjectStore and under the database's own name there. */
export function archiving(config: StackConfig): Pick<ICluster["spec"], "plugins"> {
  if (!config.database.cloudNativePg.backup.enabled) return {};
  return {
    plugins: [
      {
        name: plugin,
        isWALArchiver: true,
        parameters: { barmanObjectName: name, serverName: serverName(config) },
      },
    ],
  };
}

/** The full backups: one at once, since logs alone restore nothing, and then by the schedule. */
export function scheduledBackup({ namespace, database }: StackConfig): Manifest {
  const { backup, image } = database.cloudNativePg;
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "ScheduledBackup",
    metadata: { name, namespace, labels: labels(identity(image)) },
    spec: {
      cluster: { name },
      method: "plugin",
      pluginConfiguration: { name: plugin },
      schedule: backup.schedule,
      immediate: true,
      // The list of backups outlives the Cluster, which is when it is needed.
      backupOwnerReference: "self",
    },
  } satisfies IScheduledBackup;
}

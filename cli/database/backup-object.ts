import type { IBackup } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { name as database, plugin } from "../../components/postgres/names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { byHand } from "./labels.ts";

/** A full backup of the database, by the same plugin as the scheduled ones. */
export function backupObject({ namespace }: StackConfig, name: string): Manifest {
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Backup",
    metadata: { name, namespace, labels: byHand({ name: database, component: "database" }) },
    spec: { cluster: { name: database }, method: "plugin", pluginConfiguration: { name: plugin } },
  } satisfies IBackup;
}

/** The name of a backup that is asked for at a time: `attic-pg-20261120103000`. */
export const backupName = (now: Date) => `${database}-${now.toISOString().replace(/\D/g, "").slice(0, 14)}`;

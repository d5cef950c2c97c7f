import { secretKeys } from "../../../components/attic/secrets.ts";
import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { name as database } from "../../../components/postgres/names.ts";
import { usesRole } from "../../../components/postgres/object-store.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import type { Cluster } from "../../cluster/index.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { byHand } from "../labels.ts";
import { type Live, refs } from "../objects.ts";
import { roleNamespace } from "./scratch.ts";

/**
 * The IAM role by which a drill reads the archive; undefined where access keys do.
 * @throws CliError when the stack's pods assume a role, and none is configured that a drill's may
 */
export function drillRole(config: StackConfig): string | undefined {
  if (!usesRole(config)) return undefined;
  const { drillRoleArn } = config.database.cloudNativePg.backup;
  if (drillRoleArn) return drillRoleArn;
  throw new CliError(
    EXIT.usage,
    `the archive is read by an IAM role, which trusts ServiceAccounts of namespace ${config.namespace} alone`,
    [
      `A drill needs a role of its own that may read the backups and nothing else, and that trusts ServiceAccount ${database}`,
      `of namespace ${roleNamespace(config.namespace)}. Its two documents: atticctl db drill --print-iam`,
      "Then set database.cloudNativePg.backup.drillRoleArn. Nothing was made.",
    ].join("\n"),
  );
}

/**
 * The Secret with the object store's access keys, for a drill's namespace: the two keys that recovery reads, and
 * nothing else of the live one.
 * @throws CliError when the live one has none
 */
export async function accessKeySecret(cluster: Cluster, namespace: string): Promise<Manifest> {
  const { data = {} } = (await cluster.get<Live>(refs.secrets)) as { data?: Record<string, string> };
  const keys = [secretKeys.accessKeyId, secretKeys.secretAccessKey];
  const missing = keys.filter((key) => !data[key]);
  if (missing.length > 0) {
    throw new CliError(
      EXIT.failed,
      `Secret ${refs.secrets.name} has no ${missing.join(" and no ")}: nothing opens the archive`,
      "bring the stack up with objectStore.s3.credentials",
    );
  }
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: refs.secrets.name,
      namespace,
      labels: byHand({ name: database, component: "restore-drill" }),
    },
    type: "Opaque",
    data: Object.fromEntries(keys.map((key) => [key, data[key]])),
  };
}

import { accessKeys, secretKeys } from "../../../components/attic/secrets.ts";
import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { name as database } from "../../../components/postgres/names.ts";
import { usesRole } from "../../../components/postgres/object-store.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import type { Cluster } from "../../cluster/index.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { byHand } from "../labels.ts";
import { type Live, refs } from "../objects.ts";
import { type DrillPlan, roleNamespace } from "./scratch.ts";

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
 * The Secrets by which recovery opens the archive, for a drill's namespace: the access keys, unless a role does, and the
 * authority of the endpoint, where it has one of its own. Of each live one the keys that are read, and nothing else.
 * @throws CliError when the live ones have none
 */
export async function archiveSecrets(
  cluster: Cluster,
  { config, namespace, roleArn }: Pick<DrillPlan, "config" | "namespace" | "roleArn">,
): Promise<Manifest[]> {
  const { caSecret } = config.objectStore.s3;
  const copies: Promise<Manifest>[] = [];
  if (roleArn === undefined && accessKeys(config)) {
    const keys = [secretKeys.accessKeyId, secretKeys.secretAccessKey];
    copies.push(copyOf(cluster, namespace, refs.secrets.name, keys, "objectStore.s3.credentials"));
  }
  if (caSecret)
    copies.push(copyOf(cluster, namespace, caSecret.name, [caSecret.key], "objectStore.s3.caSecret"));
  return Promise.all(copies);
}

async function copyOf(
  cluster: Cluster,
  namespace: string,
  name: string,
  keys: readonly string[],
  setting: string,
): Promise<Manifest> {
  const { data = {} } = (await cluster.get<Live>({ ...refs.secrets, name })) as {
    data?: Record<string, string>;
  };
  const missing = keys.filter((key) => !data[key]);
  if (missing.length > 0) {
    throw new CliError(
      EXIT.failed,
      `Secret ${name} has no ${missing.join(" and no ")}: nothing opens the archive`,
      `bring the stack up with ${setting}`,
    );
  }
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace, labels: byHand({ name: database, component: "restore-drill" }) },
    type: "Opaque",
    data: Object.fromEntries(keys.map((key) => [key, data[key]])),
  };
}

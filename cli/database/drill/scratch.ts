import { names, partOf } from "../../../components/attic/names.ts";
import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { restrictedNamespace } from "../../../components/kubernetes/namespace.ts";
import { networkPolicies } from "../../../components/network/policies.ts";
import { cluster } from "../../../components/postgres/cluster.ts";
import { name as database } from "../../../components/postgres/names.ts";
import { objectStore } from "../../../components/postgres/object-store.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import { byHand } from "../labels.ts";
import { type Target, targetSettings } from "../target.ts";

/** The label of a drill's namespace; its value is the stack's namespace. */
export const drillLabel = "atticctl/restore-drill-of";

/** What a drill is of. */
export interface DrillPlan {
  /** The stack's configuration. */
  config: StackConfig;
  /** The namespace of the drill, which holds nothing else. */
  namespace: string;
  /** The server name of the archive that is restored. */
  from: string;
  target: Target;
  /** The IAM role of the instances, where they reach the archive by one. */
  roleArn: string | undefined;
  /** Who drills. */
  owner: string;
  /** From when on anybody may remove what is left. */
  expires: Date;
}

/**
 * The namespace of a drill: `nix-cache-drill-20261121`. Where an IAM role reads the archive it is `nix-cache-drill` every
 * time, because a role trusts ServiceAccounts by their exact names.
 */
export function drillNamespace({ namespace, database: { cloudNativePg } }: StackConfig, now: Date): string {
  const date = now.toISOString().slice(0, 10).replaceAll("-", "");
  return cloudNativePg.backup.drillRoleArn ? roleNamespace(namespace) : `${namespace}-drill-${date}`;
}

/** The namespace that a drill's role trusts. */
export const roleNamespace = (namespace: string) => `${namespace}-drill`;

/** The namespace, which says whose it is, and until when. */
export function scratchNamespace({ config, namespace, owner, expires }: DrillPlan): Manifest {
  const manifest = restrictedNamespace(namespace, partOf);
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: {
        ...manifest.metadata.labels,
        ...byHand({ name: database, component: "restore-drill" }),
        [drillLabel]: config.namespace,
      },
      annotations: { "atticctl/owner": owner, "atticctl/expires": expires.toISOString() },
    },
  };
}

/**
 * What is made in it, in this order: the rules for its network, the way to the archive, the database. The database is
 * the stack's own in everything but three things: it is one instance, it comes out of the archive, and it archives
 * nothing. Without an archiver the plugin adds no container to the instance, so nothing there could write to the
 * archive, or remove backups from it.
 */
export function scratchObjects(plan: DrillPlan): Manifest[] {
  const recovering = recoveringConfig(plan);
  const policies = networkPolicies(recovering).filter(({ metadata }) => ours.includes(metadata.name));
  const store = objectStore(recovering);
  // Backups are removed by the live database alone.
  delete store.spec.retentionPolicy;

  const restored = cluster(withoutArchiver(recovering));
  delete restored.metadata.annotations;
  const { roleArn } = plan;
  if (roleArn) {
    restored.spec.serviceAccountTemplate = {
      metadata: { annotations: { "eks.amazonaws.com/role-arn": roleArn } },
    };
  }
  if (restored.spec.plugins) throw new Error("a drill's database must not archive");
  return [...policies, store, restored].map(madeByHand);
}

/** The policies that recovery needs: nothing is allowed but to the instances and to the Jobs that recover them. */
const ours: string[] = ["default-deny", names.database, `${names.database}-jobs`];

function recoveringConfig({ config, namespace, from, target }: DrillPlan): StackConfig {
  const { cloudNativePg } = config.database;
  return {
    ...config,
    namespace,
    // A drill is walled in, even where the stack is not.
    network: { ...config.network, enabled: true },
    database: {
      ...config.database,
      cloudNativePg: {
        ...cloudNativePg,
        instances: 1,
        // The server name is what it would archive under; it does not.
        restore: { from, serverName: `${from}-drill`, ...targetSettings(target) },
      },
    },
  };
}

function withoutArchiver(config: StackConfig): StackConfig {
  const { cloudNativePg } = config.database;
  const backup = { ...cloudNativePg.backup, enabled: false };
  return { ...config, database: { ...config.database, cloudNativePg: { ...cloudNativePg, backup } } };
}

function madeByHand(manifest: Manifest): Manifest {
  const labels = { ...manifest.metadata.labels, "app.kubernetes.io/managed-by": "atticctl" };
  return { ...manifest, metadata: { ...manifest.metadata, labels } };
}

import { names } from "../../../components/attic/names.ts";
import { serverName } from "../../../components/postgres/bootstrap.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import type { Cluster, KubeObject } from "../../cluster/index.ts";
import type { Backups, Database } from "../snapshot.ts";
import { type Condition, condition, said } from "./conditions.ts";

type PostgresCluster = KubeObject<
  { instances: number; plugins?: { isWALArchiver?: boolean; parameters?: { serverName?: string } }[] },
  {
    phase?: string;
    phaseReason?: string;
    readyInstances?: number;
    currentPrimary?: string;
    targetPrimary?: string;
    conditions?: Condition[];
  }
>;

/** The database's Cluster. */
export async function readDatabase(cluster: Cluster): Promise<Database> {
  const {
    metadata,
    spec,
    status = {},
  } = await cluster.get<PostgresCluster>({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    name: names.database,
  });
  const ready = condition(status.conditions, "Ready");
  const archiving = condition(status.conditions, "ContinuousArchiving");
  const archive = spec?.plugins?.find((plugin) => plugin.isWALArchiver)?.parameters?.serverName;
  const { currentPrimary, targetPrimary } = status;
  return {
    ...(status.phase && { phase: status.phase }),
    ...(status.phaseReason && { phaseReason: status.phaseReason }),
    ...(ready && { ready: ready.status === "True" }),
    instances: spec?.instances ?? 0,
    readyInstances: status.readyInstances ?? 0,
    ...(currentPrimary && { primary: currentPrimary }),
    ...(targetPrimary && targetPrimary !== currentPrimary && { nextPrimary: targetPrimary }),
    ...(metadata.creationTimestamp && { created: metadata.creationTimestamp }),
    ...(archiving && { archiving: { ok: archiving.status === "True", message: said(archiving) } }),
    ...(archive && { serverName: archive }),
  };
}

interface Window {
  firstRecoverabilityPoint?: string;
  lastSuccessfulBackupTime?: string;
  lastFailedBackupTime?: string;
}

type ObjectStore = KubeObject<unknown, { serverRecoveryWindow?: Record<string, Window> }>;
type Backup = KubeObject<
  { cluster?: { name?: string } },
  { phase?: string; error?: string; reconciliationTerminatedAt?: string }
>;

/**
 * The backups: what the plugin says of the archive, and why one failed, which only its Backup object tells. Which
 * succeeded the objects do not tell: a database that was restored finds those of the one before.
 * @param database whose they are; without it, of the archive that is declared
 */
export async function readBackups(
  cluster: Cluster,
  config: StackConfig,
  { serverName: archive = serverName(config), created = "" }: Partial<Database> = {},
): Promise<Backups> {
  const [store, all] = await Promise.all([
    cluster.get<ObjectStore>({
      apiVersion: "barmancloud.cnpg.io/v1",
      kind: "ObjectStore",
      name: names.database,
    }),
    cluster.list<Backup>({ apiVersion: "postgresql.cnpg.io/v1", kind: "Backup" }),
  ]);
  const window = store.status?.serverRecoveryWindow?.[archive];
  const { lastSuccessfulBackupTime: lastSuccess, firstRecoverabilityPoint: recoverableSince } = window ?? {};
  const [failed] = all
    .filter(({ spec, status }) => spec?.cluster?.name === names.database && status?.phase === "failed")
    .filter(({ metadata }) => (metadata.creationTimestamp ?? "") >= created)
    .map((backup) => ({ at: ended(backup), why: backup.status?.error }))
    .toSorted((a, b) => b.at.localeCompare(a.at));
  // The plugin does not know of those that ended before it was asked, and objects may be gone.
  const lastFailure = [window?.lastFailedBackupTime ?? "", failed?.at ?? ""].toSorted().at(-1);
  return {
    ...(lastSuccess && { lastSuccess }),
    ...(lastFailure && { lastFailure }),
    ...(failed?.why && { failure: failed.why }),
    ...(recoverableSince && { recoverableSince }),
  };
}

/** When a failed backup ended: the operator gives `stoppedAt` to those alone that succeeded. */
const ended = ({ metadata, status }: Backup): string =>
  status?.reconciliationTerminatedAt ?? metadata.creationTimestamp ?? "";

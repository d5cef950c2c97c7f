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
  { phase?: string; stoppedAt?: string; error?: string }
>;

/**
 * The backups: what the plugin says of the archive, else what the Backup objects say, of which some may be gone.
 * @param archive under which name the database archives; the declared one unless it is known
 */
export async function readBackups(cluster: Cluster, config: StackConfig, archive?: string): Promise<Backups> {
  const [store, all] = await Promise.all([
    cluster.get<ObjectStore>({
      apiVersion: "barmancloud.cnpg.io/v1",
      kind: "ObjectStore",
      name: names.database,
    }),
    cluster.list<Backup>({ apiVersion: "postgresql.cnpg.io/v1", kind: "Backup" }),
  ]);
  const window = store.status?.serverRecoveryWindow?.[archive ?? serverName(config)];
  const ended = all
    .filter(({ spec, status }) => spec?.cluster?.name === names.database && status?.stoppedAt)
    .sort((a, b) => String(a.status?.stoppedAt).localeCompare(String(b.status?.stoppedAt)));
  const succeeded = ended.findLast(({ status }) => status?.phase === "completed")?.status?.stoppedAt;
  const failed = ended.findLast(({ status }) => status?.phase === "failed")?.status;
  const lastSuccess = window?.lastSuccessfulBackupTime ?? succeeded;
  const lastFailure = window?.lastFailedBackupTime ?? failed?.stoppedAt;
  return {
    ...(lastSuccess && { lastSuccess }),
    ...(lastFailure && { lastFailure }),
    ...(failed?.error && { failure: failed.error }),
    ...(window?.firstRecoverabilityPoint && { recoverableSince: window.firstRecoverabilityPoint }),
  };
}

import type { KubeObject } from "../../../../cli/cluster/index.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { everyKind, made, type TestProject, testProject } from "../world.ts";

const cnpg = "postgresql.cnpg.io/v1";

/** A stack with a CloudNativePG database, whose backups are opened by a role, and by another one in drills. */
export const withDatabase = {
  database: {
    cloudNativePg: {
      instances: 2,
      roleArn: "arn:aws:iam::123456789012:role/attic-pg",
      backup: { drillRoleArn: "arn:aws:iam::123456789012:role/attic-pg-drill" },
    },
  },
  objectStore: {
    provider: "s3",
    region: "eu-central-1",
    s3: { endpoint: "https://s3.example.com", roleArn: "arn:aws:iam::123456789012:role/attic" },
  },
} satisfies Partial<Settings>;

/** A project whose stack `test` has such a database. */
export const databaseProject = (settings: Partial<Settings> = {}): TestProject =>
  testProject(everyKind, { ...withDatabase, ...settings });

/** So many hours after the stack's key was made; commands run a day after it. */
export const at = (hours: number) =>
  new Date(Date.parse(made) + hours * 3_600_000).toISOString().replace(".000Z", "Z");

/** The Cluster as the operator keeps it: ready, archiving under a server name. */
export const liveCluster = (serverName = "attic-pg"): KubeObject => ({
  apiVersion: cnpg,
  kind: "Cluster",
  metadata: { name: "attic-pg", uid: `uid-of-${serverName}`, creationTimestamp: at(0) },
  spec: { plugins: [{ name: "barman-cloud.cloudnative-pg.io", parameters: { serverName } }] },
  status: {
    currentPrimary: "attic-pg-1",
    phase: "Cluster in healthy state",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(0) }],
  },
});

/** A running instance. */
export const instance = (namespace = "nix-cache"): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "attic-pg-1", namespace, labels: { "cnpg.io/cluster": "attic-pg" } },
  status: { containerStatuses: [{ name: "postgres", ready: true }] },
});

/** The ObjectStore with the recovery windows that the plugin tells. */
export const store = (windows: Record<string, { from: string; lastBackup?: string }>): KubeObject => ({
  apiVersion: "barmancloud.cnpg.io/v1",
  kind: "ObjectStore",
  metadata: { name: "attic-pg" },
  status: {
    serverRecoveryWindow: Object.fromEntries(
      Object.entries(windows).map(([server, { from, lastBackup }]) => [
        server,
        { firstRecoverabilityPoint: from, lastSuccessfulBackupTime: lastBackup ?? from },
      ]),
    ),
  },
});

/** A full backup that ended so many hours after the key was made. */
export const completedBackup = (hours: number): KubeObject => ({
  apiVersion: cnpg,
  kind: "Backup",
  metadata: { name: `daily-${hours}` },
  status: {
    phase: "completed",
    backupId: at(hours).replace(/[-:]/g, "").slice(0, 15),
    stoppedAt: at(hours),
  },
});

/** What the plugin does in the drills and restores of these tests; nothing recovers here. */
export const answersCensus = (census: {
  rows?: Record<string, number>;
  newest?: string | null;
  at?: string;
}) => {
  const rows = {
    cache: 2,
    object: 10,
    nar: 9,
    chunk: 40,
    chunkref: 44,
    seaql_migrations: 15,
    ...census.rows,
  };
  return (command: readonly string[]) => {
    const sql = command.at(-1) ?? "";
    const answer = sql.includes("to_regclass")
      ? Object.keys(rows).join("\n")
      : JSON.stringify({ at: census.at ?? at(25), rows, newest: census.newest ?? null });
    return { code: 0, stdout: `${answer}\n`, stderr: "" };
  };
};

/** Does something at every wait of a command: what operators do meanwhile. */
export function atEveryWait(act: (waits: number) => void): () => void {
  let waits = 0;
  return () => {
    waits += 1;
    act(waits);
  };
}

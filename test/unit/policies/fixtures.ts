import type { SubjectValues } from "../../../policies/framework/subject.ts";
import { kubernetes } from "./support.ts";

/** An image pinned by commit. */
export const IMAGE = "ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810";

const labels = (name: string, component: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/component": component,
  "app.kubernetes.io/part-of": "attic",
  "app.kubernetes.io/managed-by": "pulumi",
});

/** The API's labels. */
export const API = labels("attic", "api");

const probe = { httpGet: { path: "/", port: 8080 } };

const podSpec = (name: string, mode: string) => ({
  automountServiceAccountToken: false,
  serviceAccountName: name,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name,
      image: IMAGE,
      args: ["-f", "/etc/attic/server.toml", "--mode", mode],
      env: [{ name: "PGHOST", value: "attic-pg-rw.nix-cache.svc" }] as Record<string, unknown>[],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    },
  ],
});

/** The API's Deployment, with nothing wrong about it. */
export function api(): SubjectValues {
  const spec = podSpec("attic", "api-server");
  Object.assign(spec.containers[0] as object, {
    ports: [{ name: "http", containerPort: 8080 }],
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
    startupProbe: probe,
    readinessProbe: probe,
    livenessProbe: probe,
  });
  const spread = (topologyKey: string) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { "app.kubernetes.io/name": "attic" } },
  });
  return kubernetes({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "attic", labels: API },
    spec: {
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
      template: {
        metadata: { labels: API },
        spec: {
          ...spec,
          terminationGracePeriodSeconds: 180,
          topologySpreadConstraints: [
            spread("topology.kubernetes.io/zone"),
            spread("kubernetes.io/hostname"),
          ],
        },
      },
    },
  });
}

/** The garbage collector's Deployment. */
export const collector = (): SubjectValues =>
  kubernetes({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "attic-gc", labels: labels("attic-gc", "gc") },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      template: {
        metadata: { labels: labels("attic-gc", "gc") },
        spec: podSpec("attic-gc", "garbage-collector"),
      },
    },
  });

/** The Job that migrates the database. */
export const migrations = (): SubjectValues => {
  const job = kubernetes({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "attic-migrate-1a2b3c4d", labels: labels("attic-migrate", "migrations") },
    spec: {
      backoffLimit: 4,
      activeDeadlineSeconds: 900,
      template: {
        metadata: { labels: labels("attic-migrate", "migrations") },
        spec: podSpec("attic-migrate", "db-migrations"),
      },
    },
  });
  return { ...job, name: "attic-migrate" };
};

/** A CronJob that collects garbage. */
export const cronJob = (): SubjectValues =>
  kubernetes({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "attic-gc", labels: labels("attic-gc", "gc") },
    spec: {
      schedule: "0 3 * * *",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          template: { metadata: { labels: {} }, spec: podSpec("attic-gc", "garbage-collector-once") },
        },
      },
    },
  });

/** A ServiceAccount without a token. */
export const serviceAccount = (name: string): SubjectValues =>
  kubernetes({ kind: "ServiceAccount", metadata: { name }, automountServiceAccountToken: false });

/** The API's autoscaler. */
export const autoscaler = (): SubjectValues =>
  kubernetes({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    spec: {
      minReplicas: 2,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "attic" },
    },
  });

/** The API's disruption budget. */
export const budget = (): SubjectValues =>
  kubernetes({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    spec: { maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "attic" } } },
  });

/** The database. */
export const cluster = (): SubjectValues =>
  kubernetes({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { name: "attic-pg" },
    spec: {
      instances: 3,
      imageName: "ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm",
      enableSuperuserAccess: false,
      affinity: {
        enablePodAntiAffinity: true,
        podAntiAffinityType: "required",
        topologyKey: "topology.kubernetes.io/zone",
      },
      bootstrap: { initdb: { database: "attic", owner: "attic" } },
      plugins: [
        {
          name: "barman-cloud.cloudnative-pg.io",
          isWALArchiver: true,
          parameters: { barmanObjectName: "attic-pg", serverName: "attic-pg" },
        },
      ],
      postgresql: {
        parameters: { max_connections: "200", password_encryption: "scram-sha-256" },
        pg_hba: ["hostnossl all all all reject", "hostssl all all all scram-sha-256"],
        synchronous: { method: "any", number: 1 },
      },
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } },
      storage: { size: "10Gi" },
    },
  });

/** The schedule of its full backups. */
export const scheduledBackup = (): SubjectValues =>
  kubernetes({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "ScheduledBackup",
    metadata: { name: "attic-pg" },
    spec: { cluster: { name: "attic-pg" }, schedule: "0 0 0 * * *" },
  });

/** Where its backups go. */
export const backupStore = (): SubjectValues =>
  kubernetes({
    apiVersion: "barmancloud.cnpg.io/v1",
    kind: "ObjectStore",
    metadata: { name: "attic-pg" },
    spec: { retentionPolicy: "30d" },
  });

type Changes = Record<string, unknown>;

/** A resource with other values at some paths, such as `spec.containers.0.image`; undefined takes a value out. */
export function change(values: SubjectValues, changes: Changes): SubjectValues {
  const properties = copy(values.properties) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) set(properties, path.split("."), value);
  return { ...values, properties };
}

function set(target: Record<string, unknown>, [key = "", ...rest]: string[], value: unknown): void {
  if (rest.length > 0) {
    target[key] ??= {};
    set(target[key] as Record<string, unknown>, rest, value);
  } else if (value !== undefined) {
    target[key] = value;
  } else if (Array.isArray(target)) {
    target.splice(Number(key), 1);
  } else {
    delete target[key];
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copy(child)]));
}

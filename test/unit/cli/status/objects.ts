import type { KubeObject } from "../../../../cli/cluster/index.ts";
import { declaredObjects } from "../../../../cli/status/declared.ts";
import { stackConfig } from "../../../support/settings.ts";
import { everyKind, made } from "../world.ts";
import { settings } from "./facts.ts";

const hours = (count: number) => new Date(Date.parse(made) + count * 3_600_000).toISOString();
const isTrue = (type: string) => ({ type, status: "True", reason: type, message: `${type}!` });

/** The configuration of the stack `test` as the tests of status and verify declare it. */
export const config = stackConfig({ ...settings, tokens: everyKind });

/** A cluster's objects a day after the stack was made, with everything as it should be. */
export function wellObjects(): KubeObject[] {
  const { image } = config;
  const declared = declaredObjects(config, new Date(made));
  const template = { spec: { containers: [{ name: "attic", image }] } };
  const deployment = (name: string, replicas: number) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, generation: 3 },
    spec: { replicas, template },
    status: {
      observedGeneration: 3,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      conditions: [isTrue("Progressing"), isTrue("Available")],
    },
  });
  const pod = (app: string, name: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { "app.kubernetes.io/name": app }, creationTimestamp: hours(1) },
    status: {
      phase: "Running",
      conditions: [isTrue("PodScheduled"), isTrue("Ready")],
      containerStatuses: [{ restartCount: 0, ready: true }],
    },
  });
  const metric = (name: string, key: "target" | "current", averageUtilization: number) => ({
    type: "Resource",
    resource: { name, [key]: { averageUtilization } },
  });
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "nix-cache" } },
    deployment("attic", 2),
    deployment("attic-gc", 1),
    pod("attic", "attic-a"),
    pod("attic", "attic-b"),
    pod("attic-gc", "attic-gc-a"),
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: declared.migrations },
      spec: { template },
      status: { completionTime: hours(1), conditions: [isTrue("Complete")] },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "attic" },
      spec: {
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [metric("cpu", "target", 70), metric("memory", "target", 80)],
      },
      status: {
        currentReplicas: 2,
        desiredReplicas: 2,
        currentMetrics: [metric("cpu", "current", 34), metric("memory", "current", 40)],
        conditions: [isTrue("AbleToScale"), isTrue("ScalingActive")],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "attic" },
      status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 },
    },
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: { name: "attic-pg", creationTimestamp: hours(0) },
      spec: { instances: 3, plugins: [{ isWALArchiver: true, parameters: { serverName: "attic-pg-2" } }] },
      status: {
        phase: "Cluster in healthy state",
        readyInstances: 3,
        currentPrimary: "attic-pg-1",
        targetPrimary: "attic-pg-1",
        conditions: [isTrue("Ready"), isTrue("ContinuousArchiving")],
      },
    },
    {
      apiVersion: "barmancloud.cnpg.io/v1",
      kind: "ObjectStore",
      metadata: { name: "attic-pg" },
      status: {
        serverRecoveryWindow: {
          // Of before a restore.
          "attic-pg": { lastSuccessfulBackupTime: hours(-1000) },
          "attic-pg-2": { lastSuccessfulBackupTime: hours(12), firstRecoverabilityPoint: hours(1) },
        },
      },
    },
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "attic" },
      status: { conditions: [isTrue("Ready")], notAfter: hours(90 * 24), renewalTime: hours(60 * 24) },
    },
    ...[declared.routes, declared.rules, declared.policies].flatMap((refs = []) =>
      refs.map(({ apiVersion, kind, name }) => ({ apiVersion, kind, metadata: { name } })),
    ),
  ] as KubeObject[];
}

/** Those objects, one of them changed in its status. */
export function withStatus(kind: string, name: string, status: object): KubeObject[] {
  return wellObjects().map((object) =>
    object.kind === kind && object.metadata.name === name
      ? { ...object, status: { ...object.status, ...status } }
      : object,
  );
}

/** Those objects without one. */
export const lacking = (kind: string, name: string) =>
  wellObjects().filter((object) => object.kind !== kind || object.metadata.name !== name);

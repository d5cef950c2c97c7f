import { names } from "../../../components/attic/names.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import type { Cluster, KubeObject } from "../../cluster/index.ts";
import type { Migration, Rollout, Scheduled } from "../snapshot.ts";
import { type Condition, condition, said } from "./conditions.ts";

interface PodTemplate {
  spec: { containers: { name: string; image: string }[] };
}

type Deployment = KubeObject<
  { replicas?: number; template: PodTemplate },
  {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    conditions?: Condition[];
  }
>;

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; exitCode?: number };
}

/** A pod, as far as it is read. */
export type Pod = KubeObject<
  unknown,
  {
    phase?: string;
    reason?: string;
    conditions?: Condition[];
    containerStatuses?: {
      restartCount: number;
      ready: boolean;
      state?: ContainerState;
      lastState?: ContainerState;
    }[];
  }
>;

/** A Deployment with its pods, which are labelled with its name. */
export async function readRollout(cluster: Cluster, name: string): Promise<Rollout> {
  const [deployment, pods] = await Promise.all([
    cluster.get<Deployment>({ apiVersion: "apps/v1", kind: "Deployment", name }),
    cluster.list<Pod>({ apiVersion: "v1", kind: "Pod" }, { labels: `app.kubernetes.io/name=${name}` }),
  ]);
  const { metadata, spec, status = {} } = deployment;
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const made = alive.flatMap((pod) => pod.metadata.creationTimestamp ?? []).sort();
  const newest = made.at(-1);
  return {
    kind: "Deployment",
    name,
    image: imageOf(spec?.template),
    observed: (status.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    desired: spec?.replicas ?? 1,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    total: status.replicas ?? 0,
    restarts: pods.reduce((sum, pod) => sum + restartsOf(pod), 0),
    ...(newest && { newestPod: newest }),
    trouble: [...troubleOf(status.conditions), ...alive.flatMap(troubleOfPod)],
  };
}

/** Why a Deployment does not get on. */
function troubleOf(conditions: Condition[] | undefined): string[] {
  const progressing = condition(conditions, "Progressing");
  const failure = condition(conditions, "ReplicaFailure");
  return [
    ...(progressing?.status === "False" ? [said(progressing)] : []),
    ...(failure?.status === "True" ? [said(failure)] : []),
  ];
}

function troubleOfPod({ metadata, status = {} }: Pod): string[] {
  const ready = condition(status.conditions, "Ready");
  if (ready?.status === "True" || status.phase === "Succeeded") return [];
  const scheduled = condition(status.conditions, "PodScheduled");
  if (scheduled?.status === "False") return [`${metadata.name} has no node: ${said(scheduled)}`];
  const waiting = status.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  const ended = status.containerStatuses?.find(({ lastState }) => lastState?.terminated)?.lastState
    ?.terminated;
  const words =
    waiting?.reason ?? status.reason ?? (ready?.message || ready?.reason) ?? status.phase ?? "not started";
  const before = ended ? ` after ${ended.reason ?? "an end"} (exit code ${ended.exitCode ?? "unknown"})` : "";
  return [`${metadata.name} is not ready: ${words}${before}`];
}

const restartsOf = ({ status }: Pod) =>
  (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

const imageOf = (template: PodTemplate | undefined) => template?.spec.containers[0]?.image ?? "none";

type CronJob = KubeObject<
  { schedule: string; suspend?: boolean; jobTemplate: { spec: { template: PodTemplate } } },
  { lastSuccessfulTime?: string }
>;

/** The garbage collector in the form that the stack declares. */
export async function readCollector(cluster: Cluster, config: StackConfig): Promise<Rollout | Scheduled> {
  const name = names.collector;
  if (config.garbageCollection.runAs === "deployment") return readRollout(cluster, name);
  const { spec, status } = await cluster.get<CronJob>({ apiVersion: "batch/v1", kind: "CronJob", name });
  return {
    kind: "CronJob",
    name,
    image: imageOf(spec?.jobTemplate.spec.template),
    schedule: spec?.schedule ?? "",
    suspended: spec?.suspend ?? false,
    ...(status?.lastSuccessfulTime && { lastSuccess: status.lastSuccessfulTime }),
  };
}

type Job = KubeObject<{ template: PodTemplate }, { completionTime?: string; conditions?: Condition[] }>;

/** A migration's Job. */
export async function readMigration(cluster: Cluster, name: string): Promise<Migration> {
  const { spec, status = {} } = await cluster.get<Job>({ apiVersion: "batch/v1", kind: "Job", name });
  const complete = condition(status.conditions, "Complete")?.status === "True";
  const failed = condition(status.conditions, "Failed");
  return {
    name,
    image: imageOf(spec?.template),
    state: complete ? "succeeded" : failed?.status === "True" ? "failed" : "running",
    ...(complete && status.completionTime && { finished: status.completionTime }),
    ...(failed?.status === "True" && { why: said(failed) }),
  };
}

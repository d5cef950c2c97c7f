import { setTimeout as sleep } from "node:timers/promises";
import { type KubeClient, KubeError, kubeClient } from "../control-plane/index.ts";

/** Something that makes pods, or stands for a group of them. */
export interface Workload {
  kind: string;
  namespace: string;
  name: string;
  ready: number;
  desired: number;
  /** A schedule, a job's state; empty when ready and desired say all. */
  note: string;
}

export interface Autoscaler {
  namespace: string;
  name: string;
  /** "cpu 34 % of 70 %", one for each metric. */
  metrics: string[];
  replicas: number;
  min: number;
  max: number;
}

/** A host name that leads to a Service, once something routes it. */
export interface Route {
  kind: string;
  namespace: string;
  name: string;
  hosts: string[];
}

/** What is in a cluster, as far as a person asks first. */
export interface ClusterPicture {
  workloads: Workload[];
  autoscalers: Autoscaler[];
  routes: Route[];
}

interface Listed {
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** Reads what runs in the cluster of a kubeconfig, Kubernetes' own namespaces left out. */
export async function readCluster(kubeconfig: string): Promise<ClusterPicture> {
  const client = await kubeClient(kubeconfig);
  try {
    const list = (path: string) => listAll(client, path);
    const [deployments, statefulSets, jobs, cronJobs, databases, autoscalers, ingresses, routes] =
      await Promise.all([
        list("/apis/apps/v1/deployments"),
        list("/apis/apps/v1/statefulsets"),
        list("/apis/batch/v1/jobs"),
        list("/apis/batch/v1/cronjobs"),
        list("/apis/postgresql.cnpg.io/v1/clusters"),
        list("/apis/autoscaling/v2/horizontalpodautoscalers"),
        list("/apis/networking.k8s.io/v1/ingresses"),
        list("/apis/traefik.io/v1alpha1/ingressroutes"),
      ]);
    return {
      workloads: [
        ...deployments.map((each) => replicated("Deployment", each)),
        ...statefulSets.map((each) => replicated("StatefulSet", each)),
        ...databases.map(database),
        ...jobs.map(job),
        ...cronJobs.map(cronJob),
      ],
      autoscalers: autoscalers.map(autoscaler),
      routes: [...ingresses.map(ingress), ...routes.map(ingressRoute)],
    };
  } finally {
    client.close();
  }
}

async function listAll(client: KubeClient, path: string, attempts = 20): Promise<Listed[]> {
  try {
    const { items } = await client.json<{ items: Listed[] }>("GET", path);
    // The control plane's own, and the operator's empty Deployment: it runs as a process.
    return items.filter(({ metadata }) => !/^(kube-|cnpg-system$)/.test(metadata.namespace ?? ""));
  } catch (error) {
    // A kind that this cluster has no definition of.
    if (error instanceof KubeError && error.status === 404) {
      return [];
    }
    // The storage of a definition that was made a moment ago is being prepared.
    if (error instanceof KubeError && error.status === 429 && attempts > 1) {
      await sleep(100);
      return listAll(client, path, attempts - 1);
    }
    throw error;
  }
}

function identity(kind: string, { metadata }: Listed) {
  return { kind, namespace: metadata.namespace ?? "", name: metadata.name };
}

function number(value: unknown, otherwise = 0): number {
  return typeof value === "number" ? value : otherwise;
}

function replicated(kind: string, each: Listed): Workload {
  const ready = number(each.status?.readyReplicas);
  return { ...identity(kind, each), ready, desired: number(each.spec.replicas, 1), note: "" };
}

function database(each: Listed): Workload {
  const note = typeof each.status?.phase === "string" ? each.status.phase : "no operator has taken it up";
  return {
    ...identity("Cluster", each),
    ready: number(each.status?.readyInstances),
    desired: number(each.spec.instances, 1),
    note,
  };
}

function job(each: Listed): Workload {
  const failed = number(each.status?.failed);
  return {
    ...identity("Job", each),
    ready: number(each.status?.succeeded),
    desired: number(each.spec.completions, 1),
    note: failed > 0 ? `${failed} failed` : "",
  };
}

function cronJob(each: Listed): Workload {
  const { schedule, timeZone, suspend } = each.spec;
  const active = Array.isArray(each.status?.active) ? each.status.active.length : 0;
  const note = [schedule, timeZone, suspend === true ? "suspended" : undefined].filter(Boolean).join(" ");
  return { ...identity("CronJob", each), ready: active, desired: active, note };
}

interface MetricSpec {
  resource?: { name: string; target: { averageUtilization?: number } };
}
interface MetricStatus {
  resource?: { name: string; current: { averageUtilization?: number } };
}

function autoscaler(each: Listed): Autoscaler {
  const wanted = (each.spec.metrics ?? []) as MetricSpec[];
  const seen = (each.status?.currentMetrics ?? []) as MetricStatus[];
  return {
    namespace: each.metadata.namespace ?? "",
    name: each.metadata.name,
    metrics: wanted.flatMap(({ resource }) => {
      if (resource === undefined) {
        return [];
      }
      const current = seen.find((metric) => metric.resource?.name === resource.name)?.resource?.current;
      const now =
        current?.averageUtilization === undefined ? "not yet measured" : `${current.averageUtilization} %`;
      return `${resource.name} ${now} of ${resource.target.averageUtilization ?? "?"} %`;
    }),
    replicas: number(each.status?.currentReplicas),
    min: number(each.spec.minReplicas, 1),
    max: number(each.spec.maxReplicas),
  };
}

function ingress(each: Listed): Route {
  const rules = (each.spec.rules ?? []) as { host?: string }[];
  return { ...identity("Ingress", each), hosts: rules.flatMap(({ host }) => host ?? []) };
}

function ingressRoute(each: Listed): Route {
  const rules = (each.spec.routes ?? []) as { match?: string }[];
  const hosts = rules.flatMap(({ match = "" }) =>
    [...match.matchAll(/Host\(`([^`]+)`\)/g)].map((found) => found[1] ?? ""),
  );
  return { ...identity("IngressRoute", each), hosts: [...new Set(hosts)] };
}

import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { each, lines } from "./scope.ts";

/** Whether the pods run. */
export function workloads(config: StackConfig): RuleGroup[] {
  return [
    { name: "attic-api", rules: [apiDown(config), podsNotReady(config), rolloutStuck(config)] },
    {
      name: "attic-pods",
      rules: [crashLooping(config), outOfMemory(config), migrationFailed(config), throttled(config)],
    },
  ];
}

/** What kube-state-metrics says of the API's Deployment. */
const ofApi = (
  metric: "kube_deployment_spec_replicas" | "kube_deployment_status_replicas_available",
  { namespace }: StackConfig,
) => each("namespace, deployment", series(metric, { namespace, deployment: names.api }));

function apiDown(config: StackConfig): Alert {
  return {
    alert: "AtticApiDown",
    expr: `${ofApi("kube_deployment_status_replicas_available", config)} == 0`,
    for: "2m",
    severity: "critical",
    summary: "No pod of the cache's API is ready",
    description:
      "The Deployment {{ $labels.namespace }}/{{ $labels.deployment }} has had no ready pod for 2 minutes. Clients get " +
      "503: pushes fail, and builds go on without the cache.",
  };
}

function podsNotReady(config: StackConfig): Alert {
  const wanted = ofApi("kube_deployment_spec_replicas", config);
  const available = ofApi("kube_deployment_status_replicas_available", config);
  return {
    alert: "AtticPodsNotReady",
    expr: `${wanted} - ${available} > 0`,
    for: "15m",
    severity: "warning",
    summary: "{{ $value }} pods of the cache's API are not ready",
    description:
      "{{ $value }} pods of the Deployment {{ $labels.namespace }}/{{ $labels.deployment }} have not been ready for 15 " +
      "minutes. The others carry their load.",
  };
}

function rolloutStuck({ namespace }: StackConfig): Alert {
  const condition = series("kube_deployment_status_condition", {
    namespace,
    deployment: new RegExp(`${names.api}|${names.collector}`),
    condition: "Progressing",
    status: "false",
  });
  return {
    alert: "AtticRolloutStuck",
    expr: `${each("namespace, deployment, reason", condition)} == 1`,
    for: "5m",
    severity: "warning",
    summary: "The new pods of {{ $labels.deployment }} do not become ready",
    description:
      "An update of the Deployment {{ $labels.namespace }}/{{ $labels.deployment }} stands still ({{ $labels.reason }}): " +
      "its new pods do not become ready. Those of the API before the update go on serving.",
  };
}

const eachContainer = (query: string) => each("namespace, pod, container", query);

/** The same of containers and of init containers, one of which is the backup plugin's and stays. */
const containers = <A extends string, B extends string>(a: A, b: B, query: (metric: A | B) => string) =>
  lines(query(a), `or ${query(b)}`);

function crashLooping({ namespace }: StackConfig): Alert {
  return {
    alert: "AtticPodCrashLooping",
    expr: containers(
      "kube_pod_container_status_waiting_reason",
      "kube_pod_init_container_status_waiting_reason",
      (metric) =>
        `${eachContainer(`max_over_time(${series(metric, { namespace, reason: "CrashLoopBackOff" })}[5m])`)} == 1`,
    ),
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} keeps ending",
    description:
      "The container {{ $labels.container }} of the pod {{ $labels.namespace }}/{{ $labels.pod }} has ended and been " +
      "started again for 10 minutes.",
  };
}

function outOfMemory({ namespace }: StackConfig): Alert {
  const ended = (
    restarts: "kube_pod_container_status_restarts_total" | "kube_pod_init_container_status_restarts_total",
  ) => {
    const reason = restarts.replace("restarts_total", "last_terminated_reason") as
      | "kube_pod_container_status_last_terminated_reason"
      | "kube_pod_init_container_status_last_terminated_reason";
    return lines(
      `${eachContainer(`increase(${series(restarts, { namespace })}[15m])`)} > 0`,
      `and on (namespace, pod, container) ${series(reason, { namespace, reason: "OOMKilled" })} == 1`,
    );
  };
  return {
    alert: "AtticPodOutOfMemory",
    expr: lines(
      ended("kube_pod_container_status_restarts_total"),
      `or ${ended("kube_pod_init_container_status_restarts_total")}`,
    ),
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} was ended for its memory",
    description:
      "The container {{ $labels.container }} of the pod {{ $labels.namespace }}/{{ $labels.pod }} used more memory than " +
      'its limit and was ended, {{ $value | printf "%.0f" }} times within 15 minutes. What it was doing is lost.',
  };
}

function migrationFailed({ namespace }: StackConfig): Alert {
  const failed = series("kube_job_failed", {
    namespace,
    job_name: new RegExp(`${names.migrations}-.*`),
    condition: "true",
  });
  return {
    alert: "AtticMigrationFailed",
    expr: `${each("namespace, job_name", failed)} == 1`,
    severity: "warning",
    summary: "The migration {{ $labels.job_name }} failed",
    description:
      "The Job {{ $labels.namespace }}/{{ $labels.job_name }} could not bring the database to the schema of the new " +
      "image. The API and the garbage collector stay what they were; the update did not happen.",
  };
}

function throttled({ namespace }: StackConfig): Alert {
  const busy = { namespace, container: new RegExp(`${names.api}|postgres`) };
  const total = (selector: string) => `sum by (namespace, pod, container) (increase(${selector}[15m]))`;
  const held = total(series("container_cpu_cfs_throttled_periods_total", busy));
  const periods = total(series("container_cpu_cfs_periods_total", busy));
  return {
    alert: "AtticCpuThrottled",
    expr: `${held} / ${periods} > 0.5`,
    for: "30m",
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} is held back by its CPU limit",
    description:
      "{{ $value | humanizePercentage }} of the time that {{ $labels.container }} in {{ $labels.pod }} wants to run, its " +
      "CPU limit holds it back, for 30 minutes already. Requests wait.",
  };
}

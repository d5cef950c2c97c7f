import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { graph, stat, unit } from "./panels.ts";
import { window } from "./series.ts";

/** How many pods the API has, why, and what they use. */
export function autoscaling(config: StackConfig): Dashboard {
  return {
    name: "autoscaling",
    title: "Attic autoscaling",
    description: "How many pods the API has and why, what they use, and what may be taken from them.",
    sections: [replicas(config), usage(config), disruptions(config)],
  };
}

function replicas({ namespace, api }: StackConfig): Section {
  const of = { namespace, horizontalpodautoscaler: names.api };
  const wanted = `max(${series("kube_horizontalpodautoscaler_status_desired_replicas", of)})`;
  const present = `max(${series("kube_horizontalpodautoscaler_status_current_replicas", of)})`;
  const least = `max(${series("kube_horizontalpodautoscaler_spec_min_replicas", of)})`;
  const most = `max(${series("kube_horizontalpodautoscaler_spec_max_replicas", of)})`;
  const { minReplicas, maxReplicas } = api.scaling;
  return {
    title: "Replicas",
    panels: [
      stat({
        title: "Of the maximum",
        description:
          "What the autoscaler wants, as a share of what it may have. At 100 % more load makes requests slower. Before " +
          "`api.scaling.maxReplicas` is raised, the database must have connections for it.",
        unit: unit.share,
        height: 8,
        expr: `${wanted} / ${most}`,
        steps: ["green", [0.8, "orange"], [1, "red"]],
      }),
      graph({
        title: "Replicas",
        description:
          `What there is and what the autoscaler wants, from ${minReplicas} to ${maxReplicas}. It adds at once, and takes ` +
          "away after five quiet minutes.",
        unit: unit.count,
        width: 20,
        lines: { wanted, present },
        limits: { minimum: least, maximum: most },
      }),
    ],
  };
}

function usage({ namespace, api }: StackConfig): Section {
  const container = { namespace, container: names.api };
  const requested = (resource: string) =>
    `avg(${series("kube_pod_container_resource_requests", { ...container, resource })})`;
  const limit = (resource: string) =>
    `avg(${series("kube_pod_container_resource_limits", { ...container, resource })})`;
  const byPod = (selector: string) => `sum by (pod) (${selector})`;
  const rate = (selector: string) => byPod(`rate(${selector}[${window}])`);
  const { cpuUtilization, memoryUtilization } = api.scaling;
  return {
    title: "What the pods use",
    panels: [
      graph({
        title: "CPU",
        description: `Cores of each pod, against what is reserved for it and what it may use. The autoscaler keeps the average at ${cpuUtilization} % of the request.`,
        unit: unit.number,
        lines: { "{{pod}}": rate(series("container_cpu_usage_seconds_total", container)) },
        limits: { request: requested("cpu"), limit: limit("cpu") },
      }),
      graph({
        title: "Memory",
        description: `Memory of each pod that the kernel cannot take back, against what is reserved for it and what it may use: at the limit it is ended. The autoscaler keeps the average at ${memoryUtilization} % of the request.`,
        unit: unit.bytes,
        lines: { "{{pod}}": byPod(series("container_memory_working_set_bytes", container)) },
        limits: { request: requested("memory"), limit: limit("memory") },
      }),
      graph({
        title: "Held back by the CPU limit",
        description:
          "The share of the time that a pod wanted to run and had used up its limit. Compressing an upload takes all the " +
          "CPU there is, so peaks are normal; while one lasts, pulls wait.",
        unit: unit.share,
        width: 24,
        max: 1,
        lines: {
          "{{pod}}": `${rate(series("container_cpu_cfs_throttled_periods_total", container))} / ${rate(series("container_cpu_cfs_periods_total", container))}`,
        },
      }),
    ],
  };
}

function disruptions({ namespace }: StackConfig): Section {
  const budget = { namespace, poddisruptionbudget: names.api };
  const restarts = series("kube_pod_container_status_restarts_total", { namespace, container: names.api });
  return {
    title: "Disruptions",
    panels: [
      graph({
        title: "Disruption budget",
        description:
          "Pods that are ready, and how many of them a drain may take now. While there are none to take, drains wait.",
        unit: unit.count,
        lines: {
          ready: `max(${series("kube_poddisruptionbudget_status_current_healthy", budget)})`,
          "may be taken": `max(${series("kube_poddisruptionbudget_status_pod_disruptions_allowed", budget)})`,
        },
        limits: { required: `max(${series("kube_poddisruptionbudget_status_desired_healthy", budget)})` },
      }),
      graph({
        title: "Restarts",
        description: "Restarts of each pod's container within an hour. Normal is none.",
        unit: unit.count,
        lines: { "{{pod}}": `sum by (pod) (increase(${restarts}[1h]))` },
      }),
    ],
  };
}

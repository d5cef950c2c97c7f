import { counter, type Exporter, gauge } from "./exporter.ts";

/** The state of the objects. Its labels have to win over the scraper's (`honorLabels`), as its own chart sets it. */
export const kubeStateMetrics = {
  name: "kube-state-metrics",
  version: "2.20.0",
  source: "kubernetes/kube-state-metrics:internal/store",
  scraped: [],
  metrics: {
    kube_deployment_spec_replicas: gauge("pods that are wanted", ["namespace", "deployment"]),
    kube_deployment_status_replicas_available: gauge("pods that are ready", ["namespace", "deployment"]),
    kube_deployment_status_condition: gauge("1 for the status that a condition has", [
      "namespace",
      "deployment",
      "condition",
      "status",
      "reason",
    ]),
    kube_pod_status_ready: gauge("1 if the pod's readiness is what `condition` says", [
      "namespace",
      "pod",
      "condition",
    ]),
    kube_pod_container_resource_requests: gauge("what is reserved, in cores or bytes", [
      "namespace",
      "pod",
      "container",
      "resource",
    ]),
    kube_pod_container_resource_limits: gauge("what may be used at most, in cores or bytes", [
      "namespace",
      "pod",
      "container",
      "resource",
    ]),
    kube_pod_container_status_waiting_reason: gauge("1 for a container that waits for this reason", [
      "namespace",
      "pod",
      "container",
      "reason",
    ]),
    kube_pod_container_status_last_terminated_reason: gauge("1 for the reason that it ended last", [
      "namespace",
      "pod",
      "container",
      "reason",
    ]),
    kube_pod_container_status_restarts_total: counter("restarts", ["namespace", "pod", "container"]),
    // The backup plugin's container is an init container that stays.
    kube_pod_init_container_status_waiting_reason: gauge("the same of an init container", [
      "namespace",
      "pod",
      "container",
      "reason",
    ]),
    kube_pod_init_container_status_last_terminated_reason: gauge("the same of an init container", [
      "namespace",
      "pod",
      "container",
      "reason",
    ]),
    kube_pod_init_container_status_restarts_total: counter("the same of an init container", [
      "namespace",
      "pod",
      "container",
    ]),
    // No series for a Job that has not failed.
    kube_job_failed: gauge("1 if the Job has given up", ["namespace", "job_name", "condition"]),
    kube_cronjob_created: gauge("when it was made, in epoch seconds", ["namespace", "cronjob"]),
    kube_cronjob_status_last_successful_time: gauge("when a run succeeded last, in epoch seconds", [
      "namespace",
      "cronjob",
    ]),
    kube_horizontalpodautoscaler_spec_min_replicas: gauge("pods at least", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
    kube_horizontalpodautoscaler_spec_max_replicas: gauge("pods at most", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
    kube_horizontalpodautoscaler_status_desired_replicas: gauge("pods that it wants", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
    kube_horizontalpodautoscaler_status_current_replicas: gauge("pods", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
    kube_horizontalpodautoscaler_status_condition: gauge("1 for the status that a condition has", [
      "namespace",
      "horizontalpodautoscaler",
      "condition",
      "status",
    ]),
    kube_poddisruptionbudget_status_pod_disruptions_allowed: gauge("pods that may be evicted now", [
      "namespace",
      "poddisruptionbudget",
    ]),
    kube_poddisruptionbudget_status_current_healthy: gauge("pods that are ready", [
      "namespace",
      "poddisruptionbudget",
    ]),
    kube_poddisruptionbudget_status_desired_healthy: gauge("pods that have to be ready", [
      "namespace",
      "poddisruptionbudget",
    ]),
    kube_poddisruptionbudget_status_expected_pods: gauge("pods that the budget counts", [
      "namespace",
      "poddisruptionbudget",
    ]),
  },
} as const satisfies Exporter;

/** Volumes that are mounted into a pod, for drivers that know how full they are. Needs `honorLabels` too. */
export const kubelet = {
  name: "the kubelet",
  version: "1.36.3",
  source: "kubernetes/kubernetes:pkg/kubelet/metrics/collectors/volume_stats.go",
  scraped: [],
  metrics: {
    kubelet_volume_stats_available_bytes: gauge("bytes that are free", [
      "namespace",
      "persistentvolumeclaim",
    ]),
    kubelet_volume_stats_capacity_bytes: gauge("bytes in all", ["namespace", "persistentvolumeclaim"]),
  },
} as const satisfies Exporter;

/** What containers use, served by the kubelet. Needs `honorLabels` too. */
export const cadvisor = {
  name: "cAdvisor in the kubelet",
  version: "0.56.2, in Kubernetes 1.36.3",
  source: "google/cadvisor:metrics/prometheus.go",
  scraped: [],
  metrics: {
    container_cpu_usage_seconds_total: counter("seconds of CPU time", ["namespace", "pod", "container"]),
    container_memory_working_set_bytes: gauge("bytes that the kernel cannot take back", [
      "namespace",
      "pod",
      "container",
    ]),
    container_cpu_cfs_periods_total: counter("periods of 100 ms in which the container ran", [
      "namespace",
      "pod",
      "container",
    ]),
    container_cpu_cfs_throttled_periods_total: counter("those in which it was held back", [
      "namespace",
      "pod",
      "container",
    ]),
  },
} as const satisfies Exporter;

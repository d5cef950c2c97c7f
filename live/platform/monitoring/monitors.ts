import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { namespace } from "./names.ts";

/** What the cluster itself has scraped; the stack brings monitors for its database, and for operators of its own. */
export function clusterMonitors(): KubeObject[] {
  return [
    kubeStateMetrics,
    kubelets,
    podMonitor("prometheus", namespace, "prometheus", { port: "web" }),
    podMonitor("alertmanager", namespace, "alertmanager", { port: "web" }),
    podMonitor("prometheus-operator", namespace, "prometheus-operator", { port: "http" }),
    podMonitor("cloudnative-pg", "cnpg-system", "cloudnative-pg", { port: "metrics" }),
    podMonitor("traefik", "traefik", "traefik", { portNumber: 9100 }),
    // A certificate's namespace is its own, not cert-manager's.
    podMonitor("cert-manager", "cert-manager", "cert-manager", { portNumber: 9402, honorLabels: true }),
  ];
}

const monitor = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind,
  metadata: { name, namespace },
  spec,
});

/** Pods of a namespace that need not be there, by their name. */
const podMonitor = (name: string, of: string, app: string, endpoint: object) =>
  monitor("PodMonitor", name, {
    jobLabel: "app.kubernetes.io/name",
    namespaceSelector: { matchNames: [of] },
    selector: { matchLabels: { "app.kubernetes.io/name": app } },
    podMetricsEndpoints: [endpoint],
  });

/** The objects' own labels win over the scraper's, as everywhere. */
const kubeStateMetrics = monitor("ServiceMonitor", "kube-state-metrics", {
  jobLabel: "app.kubernetes.io/name",
  selector: { matchLabels: { "app.kubernetes.io/name": "kube-state-metrics" } },
  endpoints: [{ port: "http-metrics", honorLabels: true }, { port: "telemetry" }],
});

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** By the kubelet's own certificate and the scraper's own token, which the kubelet has the API server judge. */
const kubelet = (path: string, more: object = {}) => ({
  port: "https-metrics",
  scheme: "https",
  path,
  bearerTokenFile: `${serviceAccount}/token`,
  tlsConfig: { caFile: `${serviceAccount}/ca.crt` },
  honorLabels: true,
  relabelings: [{ sourceLabels: ["__metrics_path__"], targetLabel: "metrics_path" }],
  ...more,
});

const drop = (regex: string, ...sourceLabels: string[]) => ({ action: "drop", sourceLabels, regex });

/** The operator keeps a Service of all kubelets. What of cAdvisor is dropped is what kube-prometheus-stack drops. */
const kubelets = monitor("ServiceMonitor", "kubelet", {
  jobLabel: "app.kubernetes.io/name",
  namespaceSelector: { matchNames: ["kube-system"] },
  selector: { matchLabels: { "app.kubernetes.io/name": "kubelet" } },
  endpoints: [
    kubelet("/metrics"),
    kubelet("/metrics/cadvisor", {
      honorTimestamps: true,
      trackTimestampsStaleness: true,
      metricRelabelings: [
        drop(
          "container_cpu_(cfs_throttled_seconds_total|load_average_10s|system_seconds_total|user_seconds_total)",
          "__name__",
        ),
        drop(
          "container_fs_(io_current|io_time_seconds_total|io_time_weighted_seconds_total|reads_merged_total|sector_reads_total|sector_writes_total|writes_merged_total)",
          "__name__",
        ),
        drop("container_memory_(mapped_file|swap)", "__name__"),
        drop("container_(file_descriptors|tasks_state|threads_max)", "__name__"),
        drop("container_memory_failures_total;hierarchy", "__name__", "scope"),
        drop("container_network_.*;(cali|cilium|cni|lxc|nodelocaldns|tunl).*", "__name__", "interface"),
        drop(".+;", "id", "pod"),
      ],
    }),
    kubelet("/metrics/probes"),
  ],
});

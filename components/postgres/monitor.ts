import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import type { StackConfig } from "../../config/index.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { identity, name } from "./names.ts";

/**
 * Has Prometheus scrape every instance, the plugin's backup metrics included. It is ours because the operator's
 * own, `monitoring.enablePodMonitor`, is deprecated.
 */
export function podMonitor({ namespace, database, observability }: StackConfig): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: {
      name,
      namespace,
      labels: { ...labels(identity(database.cloudNativePg.image)), ...observability.monitors.labels },
    },
    spec: {
      selector: { matchLabels: { "cnpg.io/cluster": name } },
      podMetricsEndpoints: [{ port: "metrics" }],
    },
  } satisfies IPodMonitor;
}

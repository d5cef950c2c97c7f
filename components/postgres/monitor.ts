import type { StackConfig } from "../../config/index.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { podMonitor } from "../observability/pod-monitor.ts";
import { identity, name } from "./names.ts";

/**
 * Has Prometheus scrape every instance, the plugin's backup metrics included. It is ours because the operator's
 * own, `monitoring.enablePodMonitor`, is deprecated.
 */
export const databaseMonitor = ({ namespace, database, observability }: StackConfig): Manifest =>
  podMonitor({
    name,
    namespace,
    labels: { ...labels(identity(database.cloudNativePg.image)), ...observability.monitors.labels },
    podLabels: { "cnpg.io/cluster": name },
    port: "metrics",
  });

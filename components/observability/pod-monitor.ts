import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import type { Manifest } from "../kubernetes/manifest.ts";

/** What a PodMonitor says. */
export interface PodMonitorOptions {
  name: string;
  /** Where it stands; it selects pods beside it. */
  namespace: string;
  /** Its own labels, those that Prometheus selects it by among them. */
  labels: Record<string, string>;
  /** Which pods are scraped. */
  podLabels: Record<string, string>;
  /** The name of the pods' port. */
  port: string;
  /** Whether the metrics' own labels win over the scraper's. @default false */
  honorLabels?: boolean;
}

/** Has Prometheus scrape one port of some pods. */
export function podMonitor(options: PodMonitorOptions): Manifest {
  const { name, namespace, labels, podLabels, port, honorLabels } = options;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: podLabels },
      podMetricsEndpoints: [{ port, ...(honorLabels && { honorLabels }) }],
    },
  } satisfies IPodMonitor;
}

import type { StackConfig } from "../../config/index.ts";
import { partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { type Release, releases } from "../operators/releases.ts";
import { type PodMonitorOptions, podMonitor } from "./pod-monitor.ts";

/** How an operator that the stack installs is scraped; its chart labels the pods with more than the release's name. */
type Target = Pick<PodMonitorOptions, "port" | "podLabels" | "honorLabels">;

const targets: Partial<Record<Release["operator"], Target>> = {
  // By pod, not by Service: scraping a Service adds a label `service`, which is one of Traefik's own.
  traefik: { port: "metrics", podLabels: { "app.kubernetes.io/name": "traefik" } },
  certManager: {
    port: "http-metrics",
    podLabels: {
      "app.kubernetes.io/name": "cert-manager",
      "app.kubernetes.io/component": "controller",
    },
    // A certificate's namespace is its own, not cert-manager's.
    honorLabels: true,
  },
};

/**
 * What has Prometheus scrape the operators that the stack installs itself and that alerts and objectives are about,
 * each beside its operator. Who brings an operator of their own has it scraped, too. The database's is made with it.
 */
export function monitors(config: StackConfig): Manifest[] {
  const { enabled, labels: selected } = config.observability.monitors;
  if (!enabled) return [];
  return releases(config).flatMap(({ operator, name, namespace }) => {
    const target = targets[operator];
    const all = { ...labels({ name, component: "observability", partOf }), ...selected };
    return target ? [podMonitor({ name, namespace, labels: all, ...target })] : [];
  });
}

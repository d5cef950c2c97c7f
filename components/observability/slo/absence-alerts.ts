import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert } from "../rule.ts";
import { lines } from "./lines.ts";
import { type Indicator, objectives, verySlow } from "./objectives.ts";
import { anyBucket, anyRequest } from "./requests.ts";

/** Tells when the objectives cannot be computed, because all the other alerts are quiet then. */
export function absenceAlerts({ namespace, ingress }: StackConfig): Alert[] {
  const available = series("kube_deployment_status_replicas_available", {
    namespace,
    deployment: names.api,
  });
  const bounds = thresholds();
  return [
    {
      alert: "AtticRouterMetricsAbsent",
      // Without pods to route to there may be none, and other alerts tell of that. Nor are there any until somebody asks
      // anew a Traefik whose pods were replaced.
      expr: lines(
        `absent(${anyRequest(namespace)})`,
        "unless on ()",
        `${available} == 0`,
        "unless on ()",
        idle(ingress.secureEntryPoint),
      ),
      for: "15m",
      severity: "warning",
      summary: "Prometheus has no metrics of the cache's routes",
      description:
        "Traefik's metrics of the cache's routes have been absent for 15 minutes although the cache runs: Traefik is down, " +
        "has lost the routes, or is not measured. No objective is computed, and no alert on availability or latency can " +
        "fire.",
    },
    {
      alert: "AtticLatencyBucketsAbsent",
      expr: lines(
        `(count(count by (le) (${anyBucket(namespace, bounds)})) or vector(0)) < ${bounds.length}`,
        "and on ()",
        anyRequest(namespace),
      ),
      for: "15m",
      severity: "warning",
      summary: "Traefik's histogram lacks bounds that the latency objectives need",
      description:
        `Traefik's histogram has only {{ $value }} of the bounds ${bounds.join(", ")} s. Objectives on the others are ` +
        "not computed, and their alerts cannot fire.",
    },
  ];
}

/** Something if Traefik is scraped and nobody has asked it anything for as long as the alert waits. */
function idle(entrypoint: string): string {
  const asked = series("traefik_entrypoint_requests_total", { entrypoint });
  const scraped = series("traefik_config_last_reload_success", {});
  return `(${scraped} unless on () sum(increase(${asked}[15m])) > 0)`;
}

/** Every bound of the histogram that something is computed from. */
function thresholds(): number[] {
  const indicators: Indicator[] = [...objectives.map(({ indicator }) => indicator), verySlow];
  const bounds = indicators.flatMap(({ bad }) => ("afterSeconds" in bad ? [bad.afterSeconds] : []));
  return [...new Set(bounds)].sort((a, b) => a - b);
}

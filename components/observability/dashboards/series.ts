import type { StackConfig } from "../../../config/index.ts";
import { type RouteId, serviceLabels } from "../../ingress/routes.ts";
import { series } from "../metrics/index.ts";

/** What a rate is computed over in a graph: four scrapes, or what one point stands for where that is more. */
export const window = "$__rate_interval";

/** All the time that is shown. */
export const shown = "$__range";

/** Selects the requests of one route. */
export const ofRoute = ({ namespace }: StackConfig, route: RouteId) => ({
  service: serviceLabels(namespace)[route],
});

/** Selects the requests of all routes. Refusals at the edge are not among them. */
export const ofRoutes = ({ namespace }: StackConfig) => ({
  service: new RegExp(Object.values(serviceLabels(namespace)).join("|")),
});

/** Gives series with Traefik's label `service` the label `route`, for instance `cache-info`. */
export function named({ namespace }: StackConfig, expr: string): string {
  return `label_replace(${expr}, "route", "$1", "service", "${namespace}-attic-(.+)@kubernetescrd")`;
}

/** Which requests are meant, by the labels that Traefik gives them. */
type Requests = { service: string | RegExp; code?: string | RegExp };

/** Requests a second, one series for each combination of Traefik's labels. */
export const requests = (which: Requests) =>
  `rate(${series("traefik_router_requests_total", which)}[${window}])`;

/**
 * A quantile of the time that requests took, in seconds. What took longer than the histogram's last bound counts as
 * that bound.
 */
export function quantile(q: number, which: Requests): string {
  const [, matchers] = series("traefik_router_request_duration_seconds", which).split("{", 2);
  const buckets = `traefik_router_request_duration_seconds_bucket{${matchers}`;
  return `histogram_quantile(${q}, sum by (le) (rate(${buckets}[${window}])))`;
}

/** The share of narinfos that were found, of those that were asked for within a span. A miss is no error. */
export function hitRatio(config: StackConfig, span: string): string {
  const narinfos = (code: string | RegExp) =>
    `sum(increase(${series("traefik_router_requests_total", { ...ofRoute(config, "narinfo"), code })}[${span}]))`;
  return `${narinfos("200")} / ${narinfos(/200|404/)}`;
}

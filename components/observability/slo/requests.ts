import { buckets } from "../../ingress/requirements.ts";
import { type RouteId, routes, serviceLabel } from "../../ingress/routes.ts";
import type { Indicator } from "./objectives.ts";
import type { Window } from "./window.ts";

const total = "traefik_router_requests_total";
const duration = "traefik_router_request_duration_seconds";

/** Requests a second within a window, as PromQL without labels. */
export interface Requests {
  /** All that count. */
  all: string;
  /** Those that are bad; 0 where all were good, and no result where the histogram lacks the bound. */
  bad: string;
}

/**
 * The requests of an indicator within a window, from Traefik's router metrics.
 * @throws {RangeError} when a threshold is no bound of the histogram
 */
export function requests(namespace: string, indicator: Indicator, window: Window): Requests {
  const { routes, answered, bad } = indicator;
  const sum = (metric: string, code?: string, le?: string) => {
    const matchers = [from(namespace, routes), code && `code=~"${code}"`, le].filter(Boolean);
    return `sum(rate(${metric}{${matchers.join(", ")}}[${window}]))`;
  };
  if ("answered" in bad) {
    const all = sum(total, answered);
    // A status code that was never answered has no series.
    return { all, bad: `(${sum(total, bad.answered)} or 0 * ${all})` };
  }
  const all = sum(`${duration}_count`, answered);
  return { all, bad: `(${all} - ${sum(`${duration}_bucket`, answered, bound(bad.afterSeconds))})` };
}

const everyRoute = Object.keys(routes) as RouteId[];

/** Selects all requests of the stack's routes. */
export const anyRequest = (namespace: string) => `${total}{${from(namespace, everyRoute)}}`;

/** Selects the histogram's buckets of these bounds, in seconds, of the stack's routes. */
export const anyBucket = (namespace: string, seconds: readonly number[]) =>
  `${duration}_bucket{${from(namespace, everyRoute)}, le=~"${seconds.flatMap(spellings).join("|")}"}`;

/** Matches the series of some routes. */
function from(namespace: string, some: readonly RouteId[]): string {
  const services = some.map((route) => routes[route].service);
  return services.length === 1
    ? `service="${serviceLabel(namespace, services.join())}"`
    : `service=~"${serviceLabel(namespace, `(${services.join("|")})`)}"`;
}

/** Matches the bucket of what took no longer. */
function bound(seconds: number): string {
  if (!(buckets as readonly number[]).includes(seconds)) {
    throw new RangeError(`${seconds} s is no bound of the histogram, which has ${buckets.join(", ")}`);
  }
  return `le=~"${spellings(seconds).join("|")}"`;
}

/** How a bound is written, as a regular expression: Traefik's `1` is `1.0` to Prometheus from version 3 on. */
const spellings = (seconds: number) =>
  Number.isInteger(seconds) ? [`${seconds}`, `${seconds}[.]0`] : [`${seconds}`.replace(".", "[.]")];

import { type RouteId, serviceLabels } from "../../../../components/ingress/routes.ts";
import { type Labels, namespace, one } from "./case.ts";

/** Traefik's metrics as its PodMonitor labels them. */
export const scraped = {
  namespace: "traefik",
  job: "traefik",
  pod: "traefik-7c5d9f6b8-vwxyz",
  container: "traefik",
  endpoint: "metrics",
  instance: "10.244.3.7:9100",
};

/** Requests to a route of the stack, answered with a status code. */
export interface Requests {
  route: RouteId;
  /** @default "200" */
  code?: string;
  /** Labels that are not as they usually are. */
  more?: Labels;
}

const labelsOf = ({ route, code = "200", more = {} }: Requests): Labels => ({
  ...scraped,
  service: serviceLabels(namespace)[route],
  router: `${namespace}-attic-0123456789abcdef0123@kubernetescrd`,
  code,
  method: route === "upload" ? "PUT" : "GET",
  protocol: "http",
  ...more,
});

/** How many such requests there were. */
export const count = (requests: Requests) => one("traefik_router_requests_total", labelsOf(requests));

/** How many of them were timed. */
export const timed = (requests: Requests) =>
  one("traefik_router_request_duration_seconds_count", labelsOf(requests));

/** How many of them took no longer than a bound of the histogram, as Prometheus writes it: `0.5`, `1.0`. */
export const within = (requests: Requests, le: string) =>
  one("traefik_router_request_duration_seconds_bucket", { ...labelsOf(requests), le });

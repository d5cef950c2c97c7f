import { counter, type Exporter, gauge, histogram } from "./exporter.ts";

/**
 * cert-manager's certificates. Where the scraper's labels win over the exporter's, which is what its chart sets, the
 * certificate's namespace is called `exported_namespace`.
 */
export const certManager = {
  name: "cert-manager",
  version: "1.20.2",
  source: "cert-manager/cert-manager:internal/collectors/certificate_collector.go",
  scraped: ["exported_namespace"],
  metrics: {
    certmanager_certificate_expiration_timestamp_seconds: gauge("when it ends, in epoch seconds, or 0", [
      "namespace",
      "name",
    ]),
    certmanager_certificate_renewal_timestamp_seconds: gauge("when it is due to be renewed, or 0", [
      "namespace",
      "name",
    ]),
    certmanager_certificate_ready_status: gauge("1 if its readiness is what `condition` says", [
      "namespace",
      "name",
      "condition",
    ]),
  },
} as const satisfies Exporter;

const routerLabels = ["router", "service", "code", "method", "protocol"] as const;
const serviceLabels = ["service", "code", "method", "protocol"] as const;

/**
 * The requests of the stack's routes. Those of routers need `metrics.prometheus.addRoutersLabels`, those of entry points
 * `addEntryPointsLabels`; neither has a series before there was a request.
 */
export const traefik = {
  name: "Traefik",
  version: "3.7.13",
  source: "traefik/traefik:pkg/observability/metrics/prometheus.go",
  scraped: ["namespace", "pod"],
  metrics: {
    traefik_entrypoint_requests_total: counter("requests that came in, whether a route took them or not", [
      "entrypoint",
      "code",
      "method",
      "protocol",
    ]),
    traefik_router_requests_total: counter("requests of a route", routerLabels),
    traefik_router_request_duration_seconds: histogram("seconds until the answer is sent", routerLabels),
    traefik_router_requests_bytes_total: counter("bytes of requests of a route", routerLabels),
    traefik_router_responses_bytes_total: counter("bytes of answers of a route", routerLabels),
    traefik_service_requests_total: counter("requests to a service", serviceLabels),
    traefik_service_request_duration_seconds: histogram("seconds until the answer is sent", serviceLabels),
    traefik_service_requests_bytes_total: counter("bytes of requests to a service", serviceLabels),
    traefik_service_responses_bytes_total: counter("bytes of answers of a service", serviceLabels),
    traefik_config_last_reload_success: gauge("when it last read its routes, in epoch seconds"),
    traefik_open_connections: gauge("open connections", ["entrypoint", "protocol"]),
  },
} as const satisfies Exporter;

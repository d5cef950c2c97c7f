import type { IIngressRoute } from "@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute";
import type { IServersTransport } from "@kubernetes-models/traefik/traefik.io/v1alpha1/ServersTransport";
import type { ITraefikService } from "@kubernetes-models/traefik/traefik.io/v1alpha1/TraefikService";
import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { tlsSecret } from "./certificate.ts";
import { metadata } from "./metadata.ts";
import { chain, middlewareNames } from "./middlewares.ts";
import { hostRule, refusalPriority, refusalService, routes } from "./routes.ts";

const apiVersion = "traefik.io/v1alpha1";

/** Name of the IngressRoute that sends plain HTTP to HTTPS. */
export const redirectRoute = `${names.api}-redirect`;

/**
 * The routes on the secure entry point, each to a TraefikService of its own.
 * @param refusals rules for requests that are refused with 401 before anything else, for instance
 *   ``HeaderRegexp(`Authorization`, `…`)`` for tokens that were revoked; together they are one route, so that
 *   Traefik asks for the host and counts in its metrics once
 */
export function ingressRoute(config: StackConfig, refusals: readonly string[] = []): Manifest {
  const host = hostRule(config);
  const route = (match: string, priority: number, service: string, middlewares: string[]) => ({
    kind: "Rule" as const,
    match: `${host} && ${match}`,
    priority,
    middlewares: middlewares.map((name) => ({ name })),
    services: [{ kind: "TraefikService" as const, name: service }],
  });
  const refused = route(`(${refusals.join(" || ")})`, refusalPriority, refusalService, [
    middlewareNames.headers,
    middlewareNames.refuse,
  ]);
  const served = Object.values(routes).map(({ match, priority, service, policy }) =>
    route(match, priority, service, chain(policy)),
  );
  return {
    apiVersion,
    kind: "IngressRoute",
    metadata: metadata(names.api, config),
    spec: {
      entryPoints: [config.ingress.secureEntryPoint],
      // Last, although asked first: a plan then shows that one was added, and not that all have changed.
      routes: [...served, ...(refusals.length > 0 ? [refused] : [])],
      tls: { secretName: tlsSecret },
    },
  } satisfies IIngressRoute;
}

/**
 * Sends plain HTTP to HTTPS. Its priority is the lowest there is: a certificate challenge on the same host comes
 * by plain HTTP and has to reach its solver.
 */
export function redirect(config: StackConfig): Manifest {
  return {
    apiVersion,
    kind: "IngressRoute",
    metadata: metadata(redirectRoute, config),
    spec: {
      entryPoints: [config.ingress.plainEntryPoint],
      routes: [
        {
          kind: "Rule",
          match: hostRule(config),
          priority: 1,
          middlewares: [{ name: middlewareNames.redirect }],
          // Never asked; a route has to name one.
          services: [{ kind: "TraefikService", name: routes.other.service }],
        },
      ],
    },
  } satisfies IIngressRoute;
}

/**
 * One TraefikService for each route, all with the same pods behind them. Traefik knows the Service below them by
 * one name, so they must agree on how it is reached.
 */
export function traefikServices(config: StackConfig, { refusals }: { refusals: boolean }): Manifest[] {
  const services = Object.values(routes).map(({ service }) => service);
  if (refusals) services.push(refusalService);
  return services.map((name) => traefikService(name, config));
}

function traefikService(name: string, config: StackConfig): Manifest {
  return {
    apiVersion,
    kind: "TraefikService",
    metadata: metadata(name, config),
    spec: {
      weighted: {
        services: [
          {
            kind: "Service",
            name: names.api,
            port: "http",
            // HTTP/1.1: the server answers HTTP/2 without TLS with 400, as it looks for a Host header.
            scheme: "http",
            // The server refuses every Host but its own.
            passHostHeader: true,
            serversTransport: names.api,
            weight: 1,
          },
        ],
      },
    },
  } satisfies ITraefikService;
}

/**
 * How pods are reached. One that is gone is given up after two seconds instead of thirty, which is what makes
 * retrying worth while. A large upload is answered only when all of it is stored, so answers have no deadline.
 */
export function serversTransport(config: StackConfig): Manifest {
  return {
    apiVersion,
    kind: "ServersTransport",
    metadata: metadata(names.api, config),
    spec: { forwardingTimeouts: { dialTimeout: "2s", responseHeaderTimeout: "0s", idleConnTimeout: "90s" } },
  } satisfies IServersTransport;
}

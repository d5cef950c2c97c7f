import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";

/** What clients ask the server for. Each is measured by itself: it is one service level indicator. */
export type RouteId = "narinfo" | "nar" | "cacheInfo" | "upload" | "api" | "other";

/** One kind of request. */
export interface Route {
  /** Its TraefikService. Traefik labels the route's metrics with it. */
  service: string;
  /** Traefik's rule, without the host. */
  match: string;
  /** The higher one is tried first. */
  priority: number;
  /** What is done to its requests. */
  policy: Policy;
}

/** How a route treats its requests, beside the headers that every answer gets. */
export interface Policy {
  /** Whether one client's requests a second are limited. */
  rateLimited: boolean;
  /** Whether a request that reached no pod is sent to another one. */
  retried: boolean;
  /** Whether one client's requests under way at the same time are limited. */
  inFlightLimited: boolean;
}

const read: Policy = { rateLimited: true, retried: true, inFlightLimited: false };
const ask: Policy = { rateLimited: true, retried: false, inFlightLimited: false };
const write: Policy = { rateLimited: false, retried: false, inFlightLimited: true };

/** What a cache can be called: the server's own rule, which no path of its API meets. */
const cache = "[A-Za-z0-9][A-Za-z0-9_+-]{0,49}";

/**
 * The hash of a store path, in Nix' base 32. The server answers any other with 500; as a request of the last
 * route that counts against no objective.
 */
const hash = "[0-9abcdfghijklmnpqrsvwxyz]{32}";

const reading = "(Method(`GET`) || Method(`HEAD`))";

/**
 * The routes, by the order in which they are tried. No request matches two of them but the last, which takes
 * whatever is left; `upload` comes before `api`, whose prefix it shares.
 *
 * The priorities are explicit, as Traefik would otherwise take a rule's length. The last route has the lowest
 * there is, so that a certificate challenge, which another object routes at the same host, goes before it.
 */
export const routes: Readonly<Record<RouteId, Route>> = {
  narinfo: {
    service: `${names.api}-narinfo`,
    match: `${reading} && PathRegexp(\`^/${cache}/${hash}\\.narinfo$\`)`,
    priority: 60,
    policy: read,
  },
  nar: {
    service: `${names.api}-nar`,
    match: `${reading} && PathRegexp(\`^/${cache}/nar/${hash}\\.nar$\`)`,
    priority: 50,
    policy: read,
  },
  cacheInfo: {
    service: `${names.api}-cache-info`,
    match: `${reading} && PathRegexp(\`^/${cache}/(nix|attic)-cache-info$\`)`,
    priority: 40,
    policy: read,
  },
  upload: {
    service: `${names.api}-upload`,
    match: "Method(`PUT`) && Path(`/_api/v1/upload-path`)",
    priority: 30,
    policy: write,
  },
  api: {
    service: `${names.api}-api`,
    match: "PathPrefix(`/_api/v1/`)",
    priority: 20,
    policy: ask,
  },
  other: {
    service: `${names.api}-other`,
    match: "PathPrefix(`/`)",
    priority: 1,
    policy: ask,
  },
};

/** Above every route: requests that are refused, whatever they ask for. */
export const refusalPriority = 1000;

/** The TraefikService of refused requests, so that no refusal counts against an objective. */
export const refusalService = `${names.api}-refused`;

/**
 * The value of the label `service` on Traefik's router metrics, for instance
 * `nix-cache-attic-narinfo@kubernetescrd`. It stays the same when a rule changes, unlike the label `router`.
 */
export function serviceLabel(namespace: string, service: string): string {
  return `${namespace}-${service}@kubernetescrd`;
}

/** That label for every route. */
export function serviceLabels(namespace: string): Record<RouteId, string> {
  return Object.fromEntries(
    Object.entries(routes).map(([id, { service }]) => [id, serviceLabel(namespace, service)]),
  ) as Record<RouteId, string>;
}

/**
 * The names that are served: the cache's, and that of the API endpoint, which the server tells its clients to
 * push to. The substituter endpoint's is not, as it belongs to a CDN that asks at the cache's own name.
 */
export function hosts({ hostname, server }: StackConfig): string[] {
  const endpoint = new URL(server.apiEndpoint);
  return [...new Set([hostname, ...(endpoint.protocol === "https:" ? [endpoint.hostname] : [])])];
}

/** Traefik's rule for the names that are served. It compares without port and case. */
export function hostRule(config: StackConfig): string {
  const rules = hosts(config).map((host) => `Host(\`${host}\`)`);
  return rules.length === 1 ? (rules[0] as string) : `(${rules.join(" || ")})`;
}

import type { IMiddleware } from "@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware";
import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { metadata } from "./metadata.ts";
import type { Policy } from "./routes.ts";

/** Names of the middlewares. */
export const middlewareNames = {
  headers: `${names.api}-headers`,
  rateLimit: `${names.api}-rate-limit`,
  retry: `${names.api}-retry`,
  inFlight: `${names.api}-uploads-in-flight`,
  redirect: `${names.api}-https`,
  refuse: `${names.api}-refuse`,
} as const;

type Spec = NonNullable<IMiddleware["spec"]>;

/**
 * What is done to requests. None of them holds a body back: no `buffering`, which reads a NAR to its end before
 * it passes the first byte on, no `compress`, as NARs are compressed already, and no `errors`.
 */
export function middlewares(config: StackConfig, { refusals }: { refusals: boolean }): Manifest[] {
  const { rateLimit, uploadsInFlight } = config.ingress;
  const specs: [string, Spec][] = [
    [middlewareNames.headers, { headers: securityHeaders }],
    [
      middlewareNames.rateLimit,
      { rateLimit: { ...rateLimit, period: "1s", sourceCriterion: perClient(config) } },
    ],
    // A pod that is gone is tried no longer than the transport's dial timeout. What has reached a pod is never
    // sent again.
    [middlewareNames.retry, { retry: { attempts: 3, initialInterval: "100ms" } }],
    // Counted per client: by default it is one count for the whole host.
    [
      middlewareNames.inFlight,
      { inFlightReq: { amount: uploadsInFlight, sourceCriterion: perClient(config) } },
    ],
    [middlewareNames.redirect, { redirectScheme: { scheme: "https", permanent: true } }],
  ];
  // No client has this address.
  const nobody: Spec = { ipAllowList: { sourceRange: ["255.255.255.255/32"], rejectStatusCode: 401 } };
  if (refusals) specs.push([middlewareNames.refuse, nobody]);
  return specs.map(([name, spec]) => middleware(name, spec, config));
}

function middleware(name: string, spec: Spec, config: StackConfig): Manifest {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "Middleware",
    metadata: metadata(name, config),
    spec,
  } satisfies IMiddleware;
}

/** Names of the middlewares of a route, the outermost first: a refused request gets the headers too. */
export function chain({ rateLimited, retried, inFlightLimited }: Policy): string[] {
  return [
    middlewareNames.headers,
    ...(rateLimited ? [middlewareNames.rateLimit] : []),
    ...(inFlightLimited ? [middlewareNames.inFlight] : []),
    ...(retried ? [middlewareNames.retry] : []),
  ];
}

/**
 * Tells clients apart by their address: the connection's, or the one that the first trusted proxy saw. A client
 * with IPv6 has a whole /64 of addresses, which counts as one.
 */
function perClient({ ingress: { trustedProxyDepth } }: StackConfig) {
  const depth = trustedProxyDepth > 0 ? { depth: trustedProxyDepth } : {};
  return { ipStrategy: { ...depth, ipv6Subnet: 64 } };
}

/**
 * A cache serves what its users uploaded, under a name that people open in browsers. So browsers must not guess
 * types, run scripts, or put it in a frame; and they come back by HTTPS alone for a year, as tokens travel in
 * headers. Other names of the domain are not ours to decide on, hence no includeSubDomains.
 */
const securityHeaders = {
  stsSeconds: 31_536_000,
  contentTypeNosniff: true,
  frameDeny: true,
  referrerPolicy: "no-referrer",
  // The server's start page has a style of its own and nothing else.
  contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} satisfies Spec["headers"];

import type { StackConfig } from "../../config/index.ts";

/** One thing that the Traefik installation itself must have: no object of the stack can set it. */
export interface Requirement {
  /** The key in Traefik's static configuration, for instance `metrics.prometheus.addRoutersLabels`. */
  setting: string;
  /** Its value there. */
  value: boolean | string;
  /** What goes wrong without it. */
  why: string;
}

/**
 * Upper bounds of the latency histogram, in seconds. Every objective's threshold is one of them; between two of
 * them a quantile can only be guessed.
 */
export const buckets = [0.1, 0.2, 0.3, 0.5, 1, 1.2, 2, 5, 30] as const;

/**
 * What the Traefik installation must have. The Helm values of the stack's own Traefik are made of it, the tests
 * start theirs with it, and docs/ingress.md says how to check an installation that is there already.
 */
export function requirements({ api, ingress }: StackConfig): Requirement[] {
  const { secureEntryPoint, trustedProxyDepth, trustedProxies } = ingress;
  const secure = `entryPoints.${secureEntryPoint}`;
  const kubernetes = "providers.kubernetesCRD";
  const prometheus = "metrics.prometheus";
  const needed: Requirement[] = [
    {
      setting: `${secure}.transport.respondingTimeouts.readTimeout`,
      value: "0s",
      why: "the default of 60 s counts the body too, and ends every push that takes longer",
    },
    {
      setting: `${secure}.transport.respondingTimeouts.writeTimeout`,
      value: "0s",
      why: "any other value ends downloads that take longer",
    },
    {
      setting: `${secure}.transport.lifeCycle.graceTimeOut`,
      value: `${api.terminationGracePeriodSeconds}s`,
      why: "the default of 10 s cuts off pushes whenever a Traefik pod ends; pods of the cache are given as long",
    },
    {
      setting: `${kubernetes}.allowEmptyServices`,
      value: true,
      why: "with no pod ready, a route would vanish and answer 404, which counts as a cache miss, instead of 503",
    },
    {
      setting: `${kubernetes}.allowCrossNamespace`,
      value: false,
      why: "the stack's objects lie in one namespace and need none of another",
    },
    {
      setting: `${prometheus}.addRoutersLabels`,
      value: true,
      why: "the objectives are computed from the routers' metrics; the services' do not tell the routes apart",
    },
    {
      setting: `${prometheus}.addEntryPointsLabels`,
      value: true,
      why: "a cache that nobody asks and one whose routes are not measured look the same without it",
    },
    {
      setting: `${prometheus}.buckets`,
      value: buckets.join(","),
      why: "the objectives' thresholds must be bounds of the histogram; the default has four others",
    },
  ];
  if (trustedProxyDepth > 0) {
    needed.push({
      setting: `${secure}.forwardedHeaders.trustedIPs`,
      value: trustedProxies.join(","),
      why: "Traefik drops X-Forwarded-For from anybody else, and all clients would count as one",
    });
  }
  return needed;
}

/** The requirements as arguments of the `traefik` command. */
export function traefikArguments(config: StackConfig): string[] {
  return requirements(config).map(({ setting, value }) => `--${setting}=${value}`);
}

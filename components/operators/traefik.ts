import type { StackConfig } from "../../config/index.ts";
import { requirements } from "../ingress/requirements.ts";

/**
 * Values of Traefik's chart: what the ingress requires, and the least rights. It faces the internet, so it may
 * read the Secrets of the stack's namespace and its own, not the cluster's.
 */
export function traefikValues(config: StackConfig): Record<string, unknown> {
  const watched = [config.namespace];
  const { preStopSeconds, terminationGracePeriodSeconds: grace } = config.api;
  const values = {
    deployment: {
      replicas: 2,
      // It stops to listen as soon as it is told to end, when not every node knows that yet. While it waits it goes on
      // answering its probe, without which a node with no other pod would send no one here any more.
      ...(preStopSeconds > 0 && { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } }),
      // Longer than that, and what Traefik itself gives requests under way.
      terminationGracePeriodSeconds: preStopSeconds + grace + 10,
    },
    // It answers its probe before it has read its routes. Until it has, it answers 404 with a certificate of its own.
    readinessProbe: { initialDelaySeconds: 10, periodSeconds: 5 },
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
      },
    ],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    rbac: { namespaced: true },
    // Without rights on the cluster it cannot look classes up: a certificate's HTTP-01 solver names its class by
    // annotation instead (docs/ingress.md).
    ingressClass: { enabled: false },
    providers: {
      // Names, and with them the metrics' labels, are <namespace>-<name>.
      kubernetesCRD: { namespaces: watched, safeNaming: false },
      // For HTTP-01 solvers alone; publishing an address in their status would need Traefik's own namespace.
      kubernetesIngress: { namespaces: watched, publishedService: { enabled: false } },
    },
    service: {
      annotations: config.operators.traefik.serviceAnnotations,
      // Otherwise a node's address stands for every client that came by it, and they share one rate limit.
      spec: { type: "LoadBalancer", externalTrafficPolicy: "Local" },
    },
    api: { dashboard: false },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
  for (const { setting, value } of requirements(config)) setAt(values, chartPath(setting), value);
  return values;
}

/** Where the chart keeps a key of the static configuration: in the same place, with entry points called ports. */
function chartPath(setting: string): string[] {
  const [first, ...rest] = setting.split(".") as [string, ...string[]];
  return [first === "entryPoints" ? "ports" : first, ...rest];
}

function setAt(values: Record<string, unknown>, [key = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    // The one list among them is written with commas on Traefik's command line.
    values[key] = key === "trustedIPs" ? String(value).split(",") : value;
    return;
  }
  values[key] ??= {};
  setAt(values[key] as Record<string, unknown>, rest, value);
}

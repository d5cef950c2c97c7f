import type { StackConfig } from "../../config/index.ts";
import { traefikValues } from "./traefik.ts";

/** The operators, by the name of their section under `attic:operators`. */
export type Operator = keyof StackConfig["operators"];

/** One operator as a Helm release. */
export interface Release {
  operator: Operator;
  /** Name of the release, which the names of its objects are made of. */
  name: string;
  chart: string;
  /** Where the chart comes from. */
  repository: string;
  version: string;
  namespace: string;
  /** Whether the namespace is the operator's own, and made with it. */
  ownNamespace: boolean;
  /** Operators that must run before, where the stack installs them too. */
  after: Operator[];
  values: Record<string, unknown>;
}

/**
 * The releases of what the stack installs itself, in the order in which they can be installed. All of them run at
 * the `restricted` Pod Security level.
 */
export function releases(config: StackConfig): Release[] {
  const { operators, network } = config;
  // The network policies let these namespaces in, so this is where the operators have to be.
  const databases = network.databaseOperator.namespace;
  const ingress = network.ingressController.namespace;
  const all: Omit<Release, "version">[] = [
    {
      operator: "certManager",
      name: "cert-manager",
      chart: "cert-manager",
      repository: "https://charts.jetstack.io",
      namespace: certManagerNamespace,
      ownNamespace: true,
      after: [],
      values: certManager,
    },
    {
      operator: "cloudNativePg",
      name: "cloudnative-pg",
      chart: "cloudnative-pg",
      repository: cloudNativePgCharts,
      namespace: databases,
      ownNamespace: true,
      after: [],
      values: cloudNativePg,
    },
    {
      operator: "barmanCloud",
      name: "plugin-barman-cloud",
      chart: "plugin-barman-cloud",
      repository: cloudNativePgCharts,
      // The operator looks for its plugins in its own namespace.
      namespace: databases,
      ownNamespace: false,
      // Its certificates are cert-manager's objects.
      after: ["certManager", "cloudNativePg"],
      values: barmanCloud,
    },
    {
      operator: "traefik",
      name: "traefik",
      chart: "traefik",
      repository: "https://traefik.github.io/charts",
      namespace: ingress,
      ownNamespace: true,
      after: [],
      values: traefikValues(config),
    },
  ];
  return all
    .filter(({ operator }) => operators[operator].install)
    .map((release) => ({ ...release, version: operators[release.operator].version }));
}

const cloudNativePgCharts = "https://cloudnative-pg.github.io/charts";
const certManagerNamespace = "cert-manager";

/** Enough for one stack; memory is bounded, CPU is not, as a throttled operator is late when it is needed. */
const amounts = (memory: string, limit: string) => ({
  requests: { cpu: "20m", memory },
  limits: { memory: limit },
});

const certManager = {
  // Removing the release must not remove the CRDs: every certificate of the cluster would go with them.
  crds: { enabled: true, keep: true },
  // Its own namespace instead of kube-system, where it then needs no rights.
  global: { leaderElection: { namespace: certManagerNamespace } },
  resources: amounts("64Mi", "256Mi"),
  webhook: { resources: amounts("32Mi", "128Mi") },
  cainjector: { resources: amounts("64Mi", "256Mi") },
  startupapicheck: { resources: amounts("32Mi", "128Mi") },
};

const cloudNativePg = {
  // One leads, the other takes over: a failover must not wait for the operator to come back, and both must not be lost
  // with one node.
  replicaCount: 2,
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
    },
  ],
  crds: { create: true },
  resources: amounts("128Mi", "256Mi"),
};

/**
 * For what must not stay on a node that does not answer: made anew elsewhere as soon as the node is given up, some 50 s
 * after its last sign of life. Kubernetes itself waits five minutes longer.
 */
export const awayAtOnce = ["not-ready", "unreachable"].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 0,
}));

const barmanCloud = {
  // The operator asks it before whatever it does for a database that has backups, so nobody fails over without it. A
  // second replica would be of no use: only the one that leads listens, and the other is never ready.
  tolerations: awayAtOnce,
  crds: { create: true },
  resources: amounts("64Mi", "256Mi"),
};

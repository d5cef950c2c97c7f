import { harden } from "../../../components/kubernetes/pod.ts";
import { traefikValues } from "../../../components/operators/traefik.ts";
import type { StackConfig } from "../../../config/index.ts";
import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { ingressAddress } from "../../addresses.ts";
import type { Rule } from "../access.ts";
import { commandLine, ports } from "./arguments.ts";

export const name = "traefik";

/** What the objects here take over of the values for Traefik's chart. */
interface Values {
  deployment: { replicas: number; terminationGracePeriodSeconds: number; lifecycle?: object };
  podDisruptionBudget: { maxUnavailable: number };
  readinessProbe: object;
  topologySpreadConstraints: object[];
  resources: object;
  service: { spec: object };
}

const valuesOf = (config: StackConfig) => traefikValues(config) as unknown as Values;
const where = (config: StackConfig) => ({ name, namespace: config.network.ingressController.namespace });
const selector = { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };

/**
 * What Traefik reads. With its chart it may do so in the stack's namespace and its own alone; that one is made by the
 * stack, after this, and a Role cannot be before its namespace.
 */
export const rights: readonly Rule[] = [
  { apiGroups: [""], resources: ["services", "secrets", "configmaps"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: ["get", "list", "watch"] },
  {
    apiGroups: ["traefik.io"],
    resources: [
      "ingressroutes",
      "ingressroutetcps",
      "ingressrouteudps",
      "middlewares",
      "middlewaretcps",
      "serverstransports",
      "serverstransporttcps",
      "tlsoptions",
      "tlsstores",
      "traefikservices",
    ],
    verbs: ["get", "list", "watch"],
  },
];

/** The Service that a cloud would give a load balancer; no cloud is here, and it has a chosen address instead. */
export function service(config: StackConfig): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: where(config),
    spec: {
      ...valuesOf(config).service.spec,
      clusterIP: ingressAddress,
      selector,
      ports: [
        { name: "web", port: 80, targetPort: "web" },
        { name: "websecure", port: 443, targetPort: "websecure" },
      ],
    },
  };
}

/** Keeps one pod when nodes are drained. */
export function disruptionBudget(config: StackConfig): KubeObject {
  const { maxUnavailable } = valuesOf(config).podDisruptionBudget;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: where(config),
    spec: { maxUnavailable, selector: { matchLabels: selector } },
  };
}

/** The pods, of the stack's own values for the chart. */
export function deployment(config: StackConfig, image: string): KubeObject {
  const { deployment: own, readinessProbe, topologySpreadConstraints, resources } = valuesOf(config);
  const ping = { httpGet: { path: "/ping", port: "traefik" }, timeoutSeconds: 2 };
  const pod = {
    serviceAccountName: name,
    terminationGracePeriodSeconds: own.terminationGracePeriodSeconds,
    topologySpreadConstraints,
    securityContext: { runAsNonRoot: true },
    containers: [
      {
        name,
        image,
        imagePullPolicy: "IfNotPresent",
        args: commandLine(config),
        ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
        readinessProbe: { ...ping, ...readinessProbe, failureThreshold: 1 },
        livenessProbe: { ...ping, failureThreshold: 3, periodSeconds: 10 },
        ...(own.lifecycle && { lifecycle: own.lifecycle }),
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        resources,
      },
    ],
  };
  harden(pod);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: where(config),
    spec: {
      replicas: own.replicas,
      // As its chart: none goes before another one has come.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: selector },
      template: { metadata: { labels: selector }, spec: pod },
    },
  };
}

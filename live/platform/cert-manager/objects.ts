import { harden } from "../../../components/kubernetes/pod.ts";
import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { access, type Rule } from "../access.ts";

/** Where it runs, and where the keys of ClusterIssuers lie. */
export const namespace = "cert-manager";

const name = "cert-manager";
/** As its chart labels it: monitors and alerts look for these. */
const selector = {
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": name,
  "app.kubernetes.io/component": "controller",
};

/** What its controllers do: sign requests, and keep what is signed in Secrets of any namespace. */
const rules: readonly Rule[] = [
  {
    apiGroups: ["cert-manager.io"],
    resources: ["certificates", "certificaterequests", "issuers", "clusterissuers"],
    verbs: ["get", "list", "watch", "update", "patch"],
  },
  {
    apiGroups: ["cert-manager.io"],
    resources: ["certificaterequests"],
    verbs: ["create", "delete"],
  },
  {
    apiGroups: ["cert-manager.io"],
    resources: [
      "certificates/status",
      "certificaterequests/status",
      "issuers/status",
      "clusterissuers/status",
    ],
    verbs: ["update", "patch"],
  },
  {
    apiGroups: ["cert-manager.io"],
    resources: ["certificates/finalizers", "certificaterequests/finalizers"],
    verbs: ["update"],
  },
  {
    apiGroups: [""],
    resources: ["secrets"],
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
];

/** Its ServiceAccount with these rights. */
export const account: readonly KubeObject[] = access(name, namespace, rules);

/** One pod, and never two at once: nothing decides between them. */
export function deployment(image: string): KubeObject {
  const pod = {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true },
    containers: [
      {
        name: "cert-manager-controller",
        image,
        imagePullPolicy: "IfNotPresent",
        env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
        ports: [
          { name: "http-metrics", containerPort: 9402 },
          { name: "http-healthz", containerPort: 9403 },
        ],
        readinessProbe: { httpGet: { path: "/livez", port: "http-healthz" }, periodSeconds: 2 },
        livenessProbe: {
          httpGet: { path: "/livez", port: "http-healthz" },
          initialDelaySeconds: 10,
          failureThreshold: 8,
          timeoutSeconds: 15,
        },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
      },
    ],
  };
  harden(pod);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: selector },
      template: { metadata: { labels: selector }, spec: pod },
    },
  };
}

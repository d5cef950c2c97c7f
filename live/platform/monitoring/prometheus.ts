import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { access } from "../access.ts";
import { names, namespace, services } from "./names.ts";

/** What a container may be given, and how it runs: as the namespace's Pod Security demands. */
export const pods = (memory: string) => ({
  imagePullPolicy: "IfNotPresent",
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    fsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory } },
});

/** Seconds between two scrapes of a target, and between two evaluations of a rule. Clusters have 15 to 60. */
export const everySeconds = 5;

/**
 * One Prometheus, which takes the monitors and rules of all namespaces, whatever their labels.
 * @param version like `3.15.0`
 */
export function prometheusObjects(image: string, version: string): KubeObject[] {
  const account = `prometheus-${names.prometheus}`;
  const all = {};
  return [
    ...access(account, namespace, [
      {
        apiGroups: [""],
        resources: ["nodes", "services", "endpoints", "pods"],
        verbs: ["get", "list", "watch"],
      },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
      // Whom a kubelet lets read its metrics.
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    ]),
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "Prometheus",
      metadata: { name: names.prometheus, namespace },
      spec: {
        ...pods("512Mi"),
        image,
        version: `v${version}`,
        replicas: 1,
        serviceAccountName: account,
        serviceDiscoveryRole: "EndpointSlice",
        scrapeInterval: `${everySeconds}s`,
        evaluationInterval: `${everySeconds}s`,
        retention: "6h",
        // It has nothing to write down for long.
        terminationGracePeriodSeconds: 10,
        ruleSelector: all,
        ruleNamespaceSelector: all,
        podMonitorSelector: all,
        podMonitorNamespaceSelector: all,
        serviceMonitorSelector: all,
        serviceMonitorNamespaceSelector: all,
        alerting: { alertmanagers: [{ namespace, name: services.alertmanager, port: "web" }] },
      },
    },
  ];
}

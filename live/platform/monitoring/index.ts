import type { ProgressListener } from "../../../embedded/toolchain/index.ts";
import { restricted } from "../access.ts";
import { definitions } from "../definitions.ts";
import type { Part } from "../part.ts";
import { alertmanagerObjects } from "./alertmanager.ts";
import { monitorImages } from "./images.ts";
import { clusterMonitors } from "./monitors.ts";
import { names, namespace } from "./names.ts";
import { monitoringPrograms } from "./programs.ts";
import { prometheusObjects } from "./prometheus.ts";
import { receiverUrl } from "./receiver/index.ts";
import { kubeStateMetricsObjects, operatorObjects } from "./released.ts";

export { alerts, declared, query, rules, targets } from "./ask.ts";
export { namespace } from "./names.ts";
export { endReceiver, notifications, startReceiver } from "./receiver/index.ts";

/**
 * Prometheus with its operator, Alertmanager and kube-state-metrics, as a cluster has them, in small. Who is told of
 * alerts is outside the cluster: `startReceiver`.
 * @throws ToolchainError when a program or a module cannot be had
 */
export async function monitoring(progress?: ProgressListener): Promise<Part> {
  const programs = await monitoringPrograms(progress);
  const images = monitorImages(programs);
  const { prometheus, alertmanager, operator, kubeStateMetrics } = programs;
  const [kinds, operatorManifest, kubeStateMetricsManifest] = await Promise.all([
    definitions("prometheus-operator"),
    operatorObjects(images),
    kubeStateMetricsObjects(images),
  ]);
  return {
    name: "monitoring",
    is:
      `Prometheus ${prometheus.version} (which finds targets in Kubernetes only, and has no pages), its operator ` +
      `${operator.version}, Alertmanager ${alertmanager.version}, kube-state-metrics ${kubeStateMetrics.version}; ` +
      "whom Alertmanager tells is ours",
    images: Object.values(images),
    objects: [
      ...kinds,
      restricted(namespace),
      ...operatorManifest,
      ...kubeStateMetricsManifest,
      ...prometheusObjects(images.prometheus.name, prometheus.version),
      ...alertmanagerObjects(images.alertmanager.name, alertmanager.version, receiverUrl),
      ...clusterMonitors(),
    ],
    rollouts: [
      { kind: "deployment", name: "prometheus-operator", namespace },
      { kind: "deployment", name: "kube-state-metrics", namespace },
      { kind: "statefulset", name: `alertmanager-${names.alertmanager}`, namespace },
      { kind: "statefulset", name: `prometheus-${names.prometheus}`, namespace },
    ],
  };
}

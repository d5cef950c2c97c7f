import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import type { MonitorImages } from "./images.ts";
import { manifestIn, moved } from "./module.ts";
import { namespace } from "./names.ts";
import { folders, modules } from "./programs.ts";

const user = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } };

/** A container of a Deployment, as far as it is changed here. */
interface Container {
  args?: string[];
}

/**
 * The Prometheus operator as it is released, but for its namespace, its images, and how soon it finds new nodes.
 * @throws ToolchainError when its module cannot be had
 */
export async function operatorObjects({ operator, reloader }: MonitorImages): Promise<KubeObject[]> {
  const files = ["cluster-role", "cluster-role-binding", "service-account", "service", "deployment"];
  const manifest = await manifestIn(
    folders.operator,
    modules.operator,
    files.map((file) => `example/rbac/prometheus-operator/prometheus-operator-${file}.yaml`),
  );
  const container = ({ args = [] }: Container) => ({
    image: operator.name,
    args: [
      ...args.filter((arg) => !arg.startsWith("--prometheus-config-reloader=")),
      `--prometheus-config-reloader=${reloader.name}`,
      "--kubelet-sync-period=10s",
    ],
  });
  return manifest.map((object) => changed(moved(object, namespace), container));
}

/**
 * kube-state-metrics as it is released, but for its namespace and its image.
 * @throws ToolchainError when its module cannot be had
 */
export async function kubeStateMetricsObjects({ kubeStateMetrics }: MonitorImages): Promise<KubeObject[]> {
  const files = ["cluster-role", "cluster-role-binding", "service-account", "service", "deployment"];
  const manifest = await manifestIn(
    folders.kubeStateMetrics,
    modules.kubeStateMetrics,
    files.map((file) => `examples/standard/${file}.yaml`),
  );
  return manifest.map((object) =>
    changed(moved(object, namespace), () => ({ image: kubeStateMetrics.name })),
  );
}

/** A Deployment with something else in its container; anything else as it is. */
function changed(object: KubeObject, container: (released: Container) => object): KubeObject {
  if (object.kind !== "Deployment") return object;
  const { template } = object.spec;
  const containers = template.spec.containers.map((each: Container) => ({ ...each, ...container(each) }));
  const spec = { ...template.spec, securityContext: user, containers };
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

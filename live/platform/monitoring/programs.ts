import { join } from "node:path";
import { buildGo, type ProgressListener } from "../../../embedded/toolchain/index.ts";
import { pinnedIn, prometheusVersion } from "./module.ts";

/** A program with its version, like `0.85.0`. */
interface Program {
  binary: string;
  version: string;
}

/** What watches the cluster. */
export type Monitors = Record<
  "operator" | "reloader" | "prometheus" | "alertmanager" | "kubeStateMetrics",
  Program
>;

/** Folders with a go.mod each: the versions of their libraries differ. */
export const folders = {
  operator: join(import.meta.dirname, "operator"),
  alertmanager: join(import.meta.dirname, "alertmanager"),
  kubeStateMetrics: join(import.meta.dirname, "kube-state-metrics"),
  prometheus: join(import.meta.dirname, "../../../embedded/prometheus"),
} as const;

/** The Go modules. */
export const modules = {
  operator: "github.com/prometheus-operator/prometheus-operator",
  alertmanager: "github.com/prometheus/alertmanager",
  kubeStateMetrics: "k8s.io/kube-state-metrics/v2",
  prometheus: "github.com/prometheus/prometheus",
} as const;

/**
 * The real programs, built if they have to be, one after the other: five minutes the first time on two cores.
 * @throws ToolchainError when this machine cannot build them
 */
export async function monitoringPrograms(progress?: ProgressListener): Promise<Monitors> {
  const build = async (
    of: keyof typeof modules,
    name: string,
    command: string,
    expectedMinutes: number,
    tags?: string[],
  ): Promise<Program> => ({
    binary: await buildGo({
      name,
      moduleDir: folders[of],
      pkg: `${modules[of]}${command}`,
      ldflags: "-s -w",
      tags,
      expectedMinutes,
      neededMiB: 1500,
      progress,
    }),
    version: pinnedIn(folders[of], modules[of]),
  });
  const operator = await build("operator", "prometheus-operator", "/cmd/operator", 1.5);
  const reloader = await build(
    "operator",
    "prometheus-config-reloader",
    "/cmd/prometheus-config-reloader",
    0.5,
  );
  const alertmanager = await build("alertmanager", "alertmanager", "/cmd/alertmanager", 1);
  const kubeStateMetrics = await build("kubeStateMetrics", "kube-state-metrics", "", 1);
  // Of the ways to find targets only the one that the operator configures.
  const discovery = ["remove_all_sd", "enable_kubernetes_sd"];
  const prometheus = await build("prometheus", "prometheus-in-cluster", "/cmd/prometheus", 3, discovery);
  return {
    operator,
    reloader,
    alertmanager,
    kubeStateMetrics,
    prometheus: { ...prometheus, version: prometheusVersion(prometheus.version) },
  };
}

import type { ImageSpec } from "../../images/oci.ts";
import { programImage } from "../../images/program.ts";
import type { Monitors } from "./programs.ts";

/** The images of what watches the cluster. */
export type MonitorImages = Record<keyof Monitors, ImageSpec>;

/** One image for each program, with its version as the tag. */
export function monitorImages(programs: Monitors): MonitorImages {
  const image = (of: keyof Monitors, name: string) =>
    programImage({
      name: `localhost/${name}:v${programs[of].version}`,
      binary: programs[of].binary,
      // Where the operator looks for its reloader.
      path: `/bin/${name}`,
    });
  return {
    operator: image("operator", "prometheus-operator"),
    reloader: image("reloader", "prometheus-config-reloader"),
    prometheus: image("prometheus", "prometheus"),
    alertmanager: image("alertmanager", "alertmanager"),
    kubeStateMetrics: image("kubeStateMetrics", "kube-state-metrics"),
  };
}

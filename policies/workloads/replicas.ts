import type { apps, autoscaling } from "@pulumi/kubernetes/types/output.js";
import { nameOf, namespaceOf, specOf } from "../framework/kubernetes.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";

/** The autoscalers of a workload; more than one would fight each other. */
export function autoscalersOf(stack: Stack, workload: Subject): Subject[] {
  return ofKind(stack, "autoscaling/HorizontalPodAutoscaler").filter((autoscaler) => {
    const { kind, name } =
      specOf<autoscaling.v2.HorizontalPodAutoscalerSpec>(autoscaler).scaleTargetRef ?? {};
    return (
      workload.kind === `apps/${kind}` &&
      nameOf(workload) === name &&
      namespaceOf(workload) === namespaceOf(autoscaler)
    );
  });
}

/** How many pods a workload has at least and at most, as an autoscaler or its own number sets it. */
export function replicasOf(stack: Stack, workload: Subject): { least: number; most: number } {
  const [autoscaler] = autoscalersOf(stack, workload);
  if (!autoscaler) {
    const replicas = specOf<apps.v1.DeploymentSpec>(workload).replicas ?? 1;
    return { least: replicas, most: replicas };
  }
  const { minReplicas = 1, maxReplicas = 1 } = specOf<autoscaling.v2.HorizontalPodAutoscalerSpec>(autoscaler);
  return { least: minReplicas, most: maxReplicas };
}

import { type Chart, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { labels } from "../kubernetes/labels.ts";
import type { AutoscaledDeploymentSpec } from "./spec.ts";

/**
 * Up at once, by the larger of 100 % and 4 pods every 15 s, since a storm of cache misses arrives within seconds.
 * Down after five quiet minutes, by the larger of 10 % and 2 pods every 60 s, since storms come in waves.
 */
export function autoscaler(
  chart: Chart,
  { name, identity, scaling }: AutoscaledDeploymentSpec,
  target: kplus.Deployment,
): void {
  new kplus.HorizontalPodAutoscaler(chart, "autoscaler", {
    metadata: {
      name,
      labels: labels(identity),
      // An autoscaler that cannot reach its Deployment is a failed update, not a surprise under load.
      annotations: { "pulumi.com/waitFor": "condition=AbleToScale" },
    },
    target,
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    metrics: [
      kplus.Metric.resourceCpu(kplus.MetricTarget.averageUtilization(scaling.cpuUtilization)),
      kplus.Metric.resourceMemory(kplus.MetricTarget.averageUtilization(scaling.memoryUtilization)),
    ],
    scaleUp: {
      stabilizationWindow: Duration.seconds(0),
      strategy: kplus.ScalingStrategy.MAX_CHANGE,
      policies: [
        { replicas: kplus.Replicas.percent(100), duration: Duration.seconds(15) },
        { replicas: kplus.Replicas.absolute(4), duration: Duration.seconds(15) },
      ],
    },
    scaleDown: {
      stabilizationWindow: Duration.seconds(300),
      strategy: kplus.ScalingStrategy.MAX_CHANGE,
      policies: [
        { replicas: kplus.Replicas.percent(10), duration: Duration.seconds(60) },
        { replicas: kplus.Replicas.absolute(2), duration: Duration.seconds(60) },
      ],
    },
  });
}

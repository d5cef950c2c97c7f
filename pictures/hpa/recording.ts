/** One rule of how fast an autoscaler may go, as in its object. */
export interface ScalingPolicy {
  type: "Percent" | "Pods";
  value: number;
  periodSeconds: number;
}

/** How an autoscaler may go one way. */
export interface ScalingRules {
  stabilizationWindowSeconds: number;
  policies: ScalingPolicy[];
}

/** What the autoscaler was told, as the API server had it. */
export interface AutoscalerSettings {
  minReplicas: number;
  maxReplicas: number;
  /** Percent of the request that it aims at. */
  cpuUtilization: number;
  memoryUtilization: number;
  behavior: { scaleUp: ScalingRules; scaleDown: ScalingRules };
}

/** What was seen at one moment. */
export interface Sample {
  /** Seconds since the recording began. */
  seconds: number;
  /** CPU that all replicas together were said to use, in millicores. */
  demand: number;
  /** Percent of the request that the autoscaler saw, or null before it saw any. */
  utilization: number | null;
  /** The same of memory. */
  memoryUtilization: number | null;
  /** Replicas that it asks for. */
  desired: number;
  /** Replicas that are Ready. */
  ready: number;
}

/** A run of the autoscaler under a declared load; `pictures/data/hpa.json`. */
export interface HpaRecording {
  /** ISO 8601. */
  recorded: string;
  machine: string;
  kubernetes: string;
  /** What made it. */
  command: string;
  /** CPU that each replica requests, in millicores. */
  requestMillicores: number;
  autoscaler: AutoscalerSettings;
  samples: Sample[];
}

interface AutoscalerSpec {
  minReplicas: number;
  maxReplicas: number;
  metrics: { resource?: { name: string; target: { averageUtilization: number } } }[];
  behavior: AutoscalerSettings["behavior"];
}

/**
 * What a HorizontalPodAutoscaler is told, of its spec.
 * @throws {Error} when it does not scale by CPU and memory
 */
export function settingsOf({
  minReplicas,
  maxReplicas,
  metrics,
  behavior,
}: AutoscalerSpec): AutoscalerSettings {
  const target = (name: string) => {
    const found = metrics.find(({ resource }) => resource?.name === name)?.resource;
    if (!found) throw new Error(`the autoscaler does not scale by ${name}`);
    return found.target.averageUtilization;
  };
  const rules = ({ stabilizationWindowSeconds, policies }: ScalingRules): ScalingRules => ({
    stabilizationWindowSeconds,
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodSeconds })),
  });
  return {
    minReplicas,
    maxReplicas,
    cpuUtilization: target("cpu"),
    memoryUtilization: target("memory"),
    behavior: { scaleUp: rules(behavior.scaleUp), scaleDown: rules(behavior.scaleDown) },
  };
}

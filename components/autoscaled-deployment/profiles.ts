/** How far a workload scales, and at which load. Utilizations are percents of the request. */
export interface Scaling {
  minReplicas: number;
  maxReplicas: number;
  cpuUtilization: number;
  memoryUtilization: number;
}

/** Scaling of the services that platform teams run beside a binary cache, each by the load that it meets. */
export const profiles = {
  /** Attic: storms of cache misses when many pipelines start at once. */
  attic: { minReplicas: 2, maxReplicas: 10, cpuUtilization: 70, memoryUtilization: 80 },
  /** Quay: long image pulls hold connections, so replicas are added early. */
  quay: { minReplicas: 2, maxReplicas: 8, cpuUtilization: 60, memoryUtilization: 70 },
  /** Pulp: moderate, even traffic. */
  pulp: { minReplicas: 2, maxReplicas: 6, cpuUtilization: 70, memoryUtilization: 75 },
  /** A DNF mirror: bursts when fleets synchronise; cheap requests, so replicas run hot. */
  dnfMirror: { minReplicas: 2, maxReplicas: 12, cpuUtilization: 80, memoryUtilization: 85 },
} as const satisfies Record<string, Scaling>;

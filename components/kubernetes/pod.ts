/** The parts of a pod spec that the helpers here complete. */
export interface PodSpec {
  securityContext?: Record<string, unknown>;
  containers: ContainerSpec[];
  initContainers?: ContainerSpec[];
  topologySpreadConstraints?: unknown[];
  [field: string]: unknown;
}

interface ContainerSpec {
  name: string;
  securityContext?: Record<string, unknown>;
  [field: string]: unknown;
}

/**
 * Adds what the `restricted` Pod Security level asks for and cdk8s-plus-27 leaves out: the runtime's default
 * seccomp profile for the pod, and no Linux capability for any container.
 */
export function harden(pod: PodSpec): void {
  pod.securityContext = { ...pod.securityContext, seccompProfile: { type: "RuntimeDefault" } };
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    container.securityContext = { ...container.securityContext, capabilities: { drop: ["ALL"] } };
  }
}

/** Has a container that fails leave the end of its log in its status, where `kubectl describe` and Pulumi show it. */
export function explain(pod: PodSpec): void {
  for (const container of [...(pod.initContainers ?? []), ...pod.containers])
    container.terminationMessagePolicy = "FallbackToLogsOnError";
}

/** What the scheduler does when pods cannot be spread evenly. */
export type Strictness = "prefer" | "require";

/** How a workload's pods are spread over the cluster. */
export interface Spread {
  zones: Strictness;
  nodes: Strictness;
}

/**
 * Spreads the pods of one revision over zones and nodes, one more in any of them than in another at most.
 * Counting one revision at a time (`pod-template-hash`) keeps the pods of a rolling update from piling up where
 * the old ones are not.
 */
export function spread(pod: PodSpec, over: Spread, selector: Record<string, string>): void {
  const constraint = (topologyKey: string, strictness: Strictness) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: strictness === "require" ? "DoNotSchedule" : "ScheduleAnyway",
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ["pod-template-hash"],
    // A zone whose nodes are tainted away must not keep the others from taking its pods.
    nodeTaintsPolicy: "Honor",
  });
  pod.topologySpreadConstraints = [
    constraint("topology.kubernetes.io/zone", over.zones),
    constraint("kubernetes.io/hostname", over.nodes),
  ];
}

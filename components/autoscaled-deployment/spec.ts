import type { Spread } from "../kubernetes/pod.ts";
import type { WorkloadSpec } from "../kubernetes/workload.ts";
import type { Scaling } from "./profiles.ts";

/** An HTTP health check. */
export interface Probe {
  path: string;
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

/**
 * Everything about one stateless HTTP service that runs as replicas behind a Service. Its name is that of the
 * Deployment and of what belongs to it: Service, ServiceAccount, autoscaler, disruption budget.
 */
export interface AutoscaledDeploymentSpec extends WorkloadSpec {
  /** The container's HTTP port; the Service offers it as port 80, named `http`. */
  port: number;
  /** Health checks; the startup probe holds the other two back. */
  probes: { startup: Probe; liveness: Probe; readiness: Probe };
  /** The Host header that the probes send, for servers that refuse unknown hosts. */
  probeHost?: string;
  /** Replicas and targets; see `profiles`. */
  scaling: Scaling;
  /** How the pods are spread over zones and nodes. */
  spread: Spread;
  /** Seconds a pod goes on serving after the order to end, while proxies drop it. */
  preStopSeconds: number;
  /** Where Prometheus scrapes the pods, for clusters that discover targets by annotation. */
  metrics?: { port: number; path: string };
}

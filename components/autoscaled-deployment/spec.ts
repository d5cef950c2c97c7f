import type { Identity } from "../kubernetes/labels.ts";
import type { Spread } from "../kubernetes/pod.ts";
import type { Scaling } from "./profiles.ts";

/** A value of a container's environment: plain text, or a key of a Secret. */
export type EnvValue = string | { secret: string; key: string };

/** What is mounted into the container, read-only but for empty directories. */
export type Mount = { path: string } & (
  | { configMap: string }
  | { secret: string; keys?: string[] }
  /** An empty directory that may grow to this size, for instance `64Mi`. */
  | { emptyDir: string }
);

/** An HTTP health check. */
export interface Probe {
  path: string;
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

/** Everything about one stateless HTTP service that runs as replicas behind a Service. */
export interface AutoscaledDeploymentSpec {
  /** Name of the Deployment and of what belongs to it: Service, ServiceAccount, autoscaler, disruption budget. */
  name: string;
  /** The namespace of all of them. */
  namespace: string;
  /** Their labels. */
  identity: Identity;
  /** The container's image. */
  image: string;
  /** Names of the Secrets to pull it with. */
  imagePullSecrets?: readonly string[];
  /** The command; the image's own entry point when left out. */
  command?: string[];
  /** The command's arguments. */
  args?: string[];
  /** The environment. */
  env?: Record<string, EnvValue>;
  /** What is mounted. `/tmp` needs an entry: the root file system is read-only. */
  mounts?: Mount[];
  /** The container's HTTP port; the Service offers it as port 80, named `http`. */
  port: number;
  /** Health checks; the startup probe holds the other two back. */
  probes: { startup: Probe; liveness: Probe; readiness: Probe };
  /** The Host header that the probes send, for servers that refuse unknown hosts. */
  probeHost?: string;
  /** CPU and memory, as Kubernetes quantities. */
  resources: Record<"requests" | "limits", { cpu: string; memory: string }>;
  /** Replicas and targets; see `profiles`. */
  scaling: Scaling;
  /** How the pods are spread over zones and nodes. */
  spread: Spread;
  /** Seconds a pod goes on serving after the order to end, while proxies drop it. */
  preStopSeconds: number;
  /** Seconds from the order to end until the pod is killed. */
  terminationGracePeriodSeconds: number;
  /** User and group id of the process. @default 1000 */
  uid?: number;
  /** Annotations of the ServiceAccount, for instance the IAM role that its pods assume. */
  serviceAccountAnnotations?: Record<string, string>;
  /** Where Prometheus scrapes the pods, for clusters that discover targets by annotation. */
  metrics?: { port: number; path: string };
}

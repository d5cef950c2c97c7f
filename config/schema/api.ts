import { z } from "zod";
import { amounts } from "./resources.ts";

const scaling = z.strictObject({
  /**
   * Replicas that are always there.
   * @default 2
   */
  minReplicas: z.int().min(1).default(2),
  /**
   * Replicas that the autoscaler may reach. Each holds up to 10 database connections.
   * @default 10
   */
  maxReplicas: z.int().min(1).max(200).default(10),
  /**
   * Mean CPU use, in percent of the request, above which replicas are added.
   * @default 70
   */
  cpuUtilization: z.int().min(1).max(100).default(70),
  /**
   * Mean memory use, in percent of the request, above which replicas are added.
   * @default 80
   */
  memoryUtilization: z.int().min(1).max(100).default(80),
});

const resources = z.strictObject({
  /**
   * What the scheduler reserves for each pod, and what the autoscaler's targets are shares of. Memory that uploads took is
   * not given back, so replicas may stay that nobody needs: raise it where uploads are large.
   * @default 100m CPU, 128Mi memory
   */
  requests: amounts("100m", "128Mi"),
  /**
   * What a pod may use at most. One upload of 60 MB was measured at 114 MB of memory.
   * @default 1000m CPU, 512Mi memory
   */
  limits: amounts("1000m", "512Mi"),
});

const spread = z.strictObject({
  /**
   * What the scheduler does when zones cannot be kept even: `prefer` schedules anyway, `require` leaves the pod
   * pending.
   * @default "prefer"
   */
  zones: z.enum(["prefer", "require"]).default("prefer"),
  /**
   * The same for nodes.
   * @default "prefer"
   */
  nodes: z.enum(["prefer", "require"]).default("prefer"),
});

/** The API Deployment: how many replicas, how large, and how they end. */
export const api = z.strictObject({
  /** Bounds and targets of the HorizontalPodAutoscaler. */
  scaling: scaling.prefault({}),
  /** Requests and limits of each pod. */
  resources: resources.prefault({}),
  /** How replicas are spread over the cluster. */
  spread: spread.prefault({}),
  /**
   * Seconds a pod goes on serving after it was told to end, until every proxy has dropped it. The server closes
   * its listener at once on SIGTERM, so without this pause a rolling update refuses connections.
   * @default 10
   */
  preStopSeconds: z.int().min(0).max(120).default(10),
  /**
   * Seconds from the order to end until the pod is killed; bounds the uploads in flight, which the server
   * itself lets run without limit.
   * @default 180
   */
  terminationGracePeriodSeconds: z.int().min(15).max(3600).default(180),
});

import type { Cluster, KubeObject } from "../cluster/index.ts";
import { ClusterError } from "../cluster/index.ts";
import { until } from "../cluster/until.ts";
import type { World } from "../world.ts";

/** A Job, as far as it is read. */
export type Job = KubeObject<
  unknown,
  {
    active?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  }
>;

/** How a Job is. */
export type JobState = "running" | "succeeded" | "failed";

/** A pod, as far as it is read. */
type Pod = KubeObject<
  unknown,
  {
    phase?: string;
    conditions?: { type: string; status: string; message?: string }[];
    containerStatuses?: {
      state?: {
        waiting?: { reason?: string; message?: string };
        terminated?: { reason?: string; exitCode: number; message?: string };
      };
    }[];
  }
>;

/** Whether a Job has ended, and how. */
export function stateOf({ status }: Job): JobState {
  const is = (type: string) =>
    status?.conditions?.some((each) => each.type === type && each.status === "True");
  if (is("Complete")) return "succeeded";
  return is("Failed") ? "failed" : "running";
}

/** The end of a Job that was waited for. */
export interface End {
  state: JobState;
  /** What its pod waits for, or ended with; undefined when it said nothing. */
  said: string | undefined;
  /** The last lines of its log, when it failed. */
  log: string[];
}

/**
 * Waits for a Job's end.
 * @param timeout milliseconds
 * @param told of what its pod waits for, at every look
 */
export async function follow(
  world: World,
  cluster: Cluster,
  name: string,
  timeout: number,
  told: (said: string) => void,
): Promise<End> {
  const { seen } = await until(
    world,
    async () => {
      const job = await cluster.get<Job>({ apiVersion: "batch/v1", kind: "Job", name });
      const pod = await podOf(cluster, name);
      const look = { state: stateOf(job), pod, said: pod ? sayingOf(pod) : conditionOf(job) };
      told(look.said ?? "its pod starts");
      return look;
    },
    ({ state }) => state !== "running",
    { timeout },
  );
  const { state, said, pod } = seen;
  return { state, said, log: state === "failed" && pod ? await logOf(cluster, pod.metadata.name) : [] };
}

async function podOf(cluster: Cluster, job: string): Promise<Pod | undefined> {
  const pods = await cluster.list<Pod>({ apiVersion: "v1", kind: "Pod" }, { labels: `job-name=${job}` });
  return pods.at(-1);
}

/** What a pod's container waits for or ended with; why it has no node. */
function sayingOf({ status }: Pod): string | undefined {
  const state = status?.containerStatuses?.[0]?.state;
  if (state?.terminated) {
    const { reason = "it ended", exitCode, message } = state.terminated;
    return `${reason}, exit code ${exitCode}${message ? `: ${message.trim()}` : ""}`;
  }
  if (state?.waiting?.reason) {
    const { reason, message } = state.waiting;
    return message ? `${reason}: ${message}` : reason;
  }
  const unscheduled = status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  return unscheduled?.message ?? (status?.phase === "Running" ? "it collects" : undefined);
}

/** Without a pod, the Job itself says why: it may not make one. */
const conditionOf = ({ status }: Job) => status?.conditions?.find(({ type }) => type === "Failed")?.message;

async function logOf(cluster: Cluster, pod: string): Promise<string[]> {
  try {
    return (await cluster.logs(pod, { tail: 20 })).trimEnd().split("\n").filter(Boolean);
  } catch (error) {
    if (error instanceof ClusterError) return [];
    throw error;
  }
}

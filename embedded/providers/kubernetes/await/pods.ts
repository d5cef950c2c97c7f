/** What failing pods say of themselves. */
import { conditionOf, type KubeObject, type Metadata } from "../object.ts";
import type { Look } from "./verdict.ts";

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: object;
  terminated?: { exitCode?: number; reason?: string; message?: string; signal?: number };
}

interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** The pods an object controls, by its selector. */
export async function podsOf(
  owners: readonly KubeObject[],
  { cluster, signal }: Look,
): Promise<KubeObject[]> {
  const [first] = owners;
  if (first === undefined) return [];
  const pods = await listSelected("/api/v1", "pods", first, { cluster, signal });
  const uids = new Set(owners.map(({ metadata }) => metadata.uid));
  return pods.filter(({ metadata }) => isOwned(metadata, uids));
}

/** Lists a namespace's objects that match the selector of `owner`. */
export async function listSelected(
  prefix: string,
  plural: string,
  owner: KubeObject,
  { cluster, signal }: Look,
): Promise<KubeObject[]> {
  const { matchLabels = {} } = (owner.spec?.selector ?? {}) as { matchLabels?: Record<string, string> };
  const labelSelector = Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const path = `${prefix}/namespaces/${owner.metadata.namespace}/${plural}`;
  return await cluster.list(path, { query: { labelSelector: labelSelector || undefined }, signal });
}

export function isOwned({ ownerReferences = [] }: Metadata, uids: ReadonlySet<string | undefined>): boolean {
  return ownerReferences.some(({ uid }) => uids.has(uid));
}

const SHOWN = 3;

/** One line per pod that is not ready, saying why; at most three pods, for a whole rollout fails alike. */
export function podReasons(pods: readonly KubeObject[]): string[] {
  const lines = pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((pod) => {
      const reasons = reasonsOf(pod);
      return reasons.length === 0 ? [] : [`Pod ${pod.metadata.name}: ${reasons.join("; ")}`];
    });
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `and ${more} more pods like these`] : lines;
}

function reasonsOf(pod: KubeObject): string[] {
  const { phase, reason, message } = (pod.status ?? {}) as {
    phase?: string;
    reason?: string;
    message?: string;
  };
  if (phase === "Succeeded" || conditionOf(pod, "Ready")?.status === "True") return [];
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False")
    return [sentence(scheduled.reason ?? "Unschedulable", scheduled.message)];

  const { initContainerStatuses = [], containerStatuses = [] } = (pod.status ?? {}) as {
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
  const containers = [...initContainerStatuses, ...containerStatuses].flatMap(containerReason);
  // Eviction and the like concern the pod, not a container.
  if (reason !== undefined) return [sentence(reason, message), ...containers];
  if (containers.length > 0) return containers;
  const ready = conditionOf(pod, "Ready");
  if (ready?.status === "False") return [sentence(ready.reason ?? "not ready", ready.message)];
  return [`${String(phase ?? "Unknown")}, not ready`];
}

// Every pod passes through these.
const ORDINARY = new Set(["ContainerCreating", "PodInitializing"]);

function containerReason({
  name,
  ready,
  state = {},
  lastState = {},
  restartCount,
}: ContainerStatus): string[] {
  const { waiting, terminated } = state;
  if (waiting !== undefined && !ORDINARY.has(waiting.reason ?? "")) {
    const last = lastState.terminated;
    const before = last === undefined ? "" : `, last ${exit(last)}`;
    return [`container ${name}: ${sentence(waiting.reason ?? "waiting", waiting.message)}${before}`];
  }
  if (terminated !== undefined && terminated.exitCode !== 0)
    return [`container ${name}: ${exit(terminated)}`];
  if (state.running !== undefined && ready === false) {
    const restarts = restartCount ? `, restarted ${restartCount} times` : "";
    return [`container ${name}: running but not ready${restarts}`];
  }
  return [];
}

function exit({ exitCode, reason, message, signal }: NonNullable<ContainerState["terminated"]>): string {
  const cause = [reason, signal ? `signal ${signal}` : undefined].filter(Boolean).join(", ");
  return sentence(`exit code ${exitCode}${cause ? ` (${cause})` : ""}`, message);
}

function sentence(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${message.trim().replace(/\s*\n\s*/g, " | ")}` : reason;
}

/** What a look at an object says about its readiness. */
import type { Cluster } from "../cluster.ts";
import type { KubeObject } from "../object.ts";

export type Verdict =
  | { readonly state: "ready" }
  /** `waitingFor` reads after "Waiting: ". */
  | { readonly state: "waiting"; readonly waitingFor: string }
  /** It will not become ready without help. */
  | { readonly state: "failed"; readonly reason: string };

export const READY: Verdict = { state: "ready" };

export function waiting(waitingFor: string): Verdict {
  return { state: "waiting", waitingFor };
}

export function failed(reason: string): Verdict {
  return { state: "failed", reason };
}

export interface Look {
  readonly cluster: Cluster;
  readonly signal?: AbortSignal;
}

/** How to wait for one kind of object. */
export interface Waiter {
  /** @param look.elapsed milliseconds since the object was applied. */
  judge(live: KubeObject, look: Look & { readonly elapsed: number }): Verdict | Promise<Verdict>;
  /** Asked once, when the wait has failed: what pods and events say. One reason per line shown. */
  explain?(live: KubeObject, look: Look): Promise<string[]>;
}

/** Whether the controllers have seen the newest version of the object. */
export function isObserved(live: KubeObject): boolean {
  const { observedGeneration } = (live.status ?? {}) as { observedGeneration?: number };
  const { generation } = live.metadata;
  return generation === undefined || (observedGeneration ?? 0) >= generation;
}

import type { KubeObject } from "../object.ts";
import { refusedPods } from "./refused-pods.ts";
import { explainByPods } from "./replica-set.ts";
import { isObserved, READY, type Verdict, type Waiter, waiting } from "./verdict.ts";

/** A StatefulSet is ready when all its pods are of the newest template and ready. */
export const statefulSet: Waiter = {
  async judge(live, look) {
    const verdict = judgeStatefulSet(live);
    return verdict.state === "waiting" ? ((await refusedPods(live, look)) ?? verdict) : verdict;
  },
  explain: explainByPods,
};

interface Spec {
  replicas?: number;
  updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
}

/** The rollout as the StatefulSet itself reports it. */
export function judgeStatefulSet(live: KubeObject): Verdict {
  if (!isObserved(live)) return waiting("the stateful set controller to see the change");
  const { replicas = 1, updateStrategy = {} } = (live.spec ?? {}) as Spec;
  const { readyReplicas = 0, updatedReplicas = 0 } = (live.status ?? {}) as Record<string, number>;
  // With OnDelete someone else decides when a pod is renewed; a partition keeps the first pods old on purpose.
  const rolls = updateStrategy.type !== "OnDelete";
  const renewed = rolls ? Math.max(0, replicas - (updateStrategy.rollingUpdate?.partition ?? 0)) : 0;
  if (updatedReplicas < renewed) return waiting(`${updatedReplicas} of ${renewed} pods updated`);
  return readyReplicas >= replicas ? READY : waiting(`${readyReplicas} of ${replicas} pods ready`);
}

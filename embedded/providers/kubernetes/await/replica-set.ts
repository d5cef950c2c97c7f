import { conditionOf } from "../object.ts";
import { eventReasons, warningsAbout } from "./events.ts";
import { podReasons, podsOf } from "./pods.ts";
import { isFinalRefusal } from "./refusal.ts";
import { failed, isObserved, READY, type Waiter, waiting } from "./verdict.ts";

/** A ReplicaSet is ready when all its pods are available. */
export const replicaSet: Waiter = {
  judge(live, { elapsed }) {
    if (!isObserved(live)) return waiting("the replica set controller to see the change");
    const { replicas: desired = 1 } = (live.spec ?? {}) as { replicas?: number };
    const { availableReplicas = 0 } = (live.status ?? {}) as { availableReplicas?: number };
    if (availableReplicas >= desired) return READY;
    const failure = conditionOf(live, "ReplicaFailure");
    if (failure?.status === "True" && isFinalRefusal(failure.message ?? "", elapsed)) {
      return failed(`its pods can't be created: ${failure.message}`);
    }
    return waiting(`${availableReplicas} of ${desired} pods available`);
  },

  explain: explainByPods,
};

/** What the pods an object controls, and the events about them, say. */
export async function explainByPods(
  ...[live, look]: Parameters<NonNullable<Waiter["explain"]>>
): Promise<string[]> {
  const pods = await podsOf([live], look);
  return [...podReasons(pods), ...eventReasons(await warningsAbout([live, ...pods], look))];
}

import type { KubeObject } from "../object.ts";
import { refusedPods } from "./refused-pods.ts";
import { explainByPods } from "./replica-set.ts";
import { isObserved, READY, type Verdict, type Waiter, waiting } from "./verdict.ts";

/** A DaemonSet is ready when every node it wants has an available pod of the newest template. */
export const daemonSet: Waiter = {
  async judge(live, look) {
    const verdict = judgeDaemonSet(live);
    return verdict.state === "waiting" ? ((await refusedPods(live, look)) ?? verdict) : verdict;
  },
  explain: explainByPods,
};

/** The rollout as the DaemonSet itself reports it. */
export function judgeDaemonSet(live: KubeObject): Verdict {
  if (!isObserved(live)) return waiting("the daemon set controller to see the change");
  const {
    desiredNumberScheduled = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = (live.status ?? {}) as Record<string, number>;
  const { updateStrategy } = (live.spec ?? {}) as { updateStrategy?: { type?: string } };
  if (updateStrategy?.type !== "OnDelete" && updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(`${updatedNumberScheduled} of ${desiredNumberScheduled} pods updated`);
  }
  return numberAvailable >= desiredNumberScheduled
    ? READY
    : waiting(`${numberAvailable} of ${desiredNumberScheduled} pods available`);
}

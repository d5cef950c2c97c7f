import { conditionOf, type KubeObject, label } from "../object.ts";
import { refusedPods } from "./refused-pods.ts";
import { explainByPods } from "./replica-set.ts";
import { failed, READY, type Verdict, type Waiter, waiting } from "./verdict.ts";

/** A Job is ready when it has completed. */
export const job: Waiter = {
  async judge(live, look) {
    const verdict = judgeJob(live);
    const { active = 0 } = (live.status ?? {}) as { active?: number };
    if (verdict.state !== "waiting" || active > 0) return verdict;
    return (await refusedPods(live, look)) ?? verdict;
  },
  explain: explainByPods,
};

/** The Job's outcome as it reports it itself. */
export function judgeJob(live: KubeObject): Verdict {
  if (conditionOf(live, "Complete")?.status === "True") return READY;
  const failure = conditionOf(live, "Failed");
  if (failure?.status === "True") {
    return failed(`${label(live)} failed: ${failure.reason ?? "Failed"}: ${failure.message ?? "no message"}`);
  }
  // A suspended Job completes when someone resumes it, which this update does not.
  if (live.spec?.suspend === true) return READY;
  const { completions = 1 } = (live.spec ?? {}) as { completions?: number };
  const { succeeded = 0, active = 0, failed: failures = 0 } = (live.status ?? {}) as Record<string, number>;
  const failing = failures > 0 ? `, ${failures} failed` : "";
  return waiting(`${succeeded} of ${completions} completed, ${active} running${failing}`);
}

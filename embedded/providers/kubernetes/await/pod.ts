import { conditionOf, label } from "../object.ts";
import { eventReasons, warningsAbout } from "./events.ts";
import { podReasons } from "./pods.ts";
import { failed, READY, type Waiter, waiting } from "./verdict.ts";

/** A Pod is ready when it says so, or has run to its end. */
export const pod: Waiter = {
  judge(live) {
    const { phase } = live.status ?? {};
    if (phase === "Succeeded" || conditionOf(live, "Ready")?.status === "True") return READY;
    if (phase === "Failed") return failed(`${label(live)} failed`);
    return waiting(podReasons([live])[0]?.replace(/^Pod \S+: /, "") ?? "the pod to start");
  },

  async explain(live, look) {
    return [...podReasons([live]), ...eventReasons(await warningsAbout([live], look))];
  },
};

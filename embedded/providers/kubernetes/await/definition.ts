import { conditionOf } from "../object.ts";
import { failed, READY, type Waiter, waiting } from "./verdict.ts";

/** A CustomResourceDefinition is ready when the API server serves its kind. */
export const customResourceDefinition: Waiter = {
  judge(live) {
    const accepted = conditionOf(live, "NamesAccepted");
    if (accepted?.status === "False")
      return failed(`its names are taken: ${accepted.message ?? accepted.reason}`);
    return conditionOf(live, "Established")?.status === "True"
      ? READY
      : waiting("the API server to serve the kind");
  },
};

import { isObserved, READY, type Waiter, waiting } from "./verdict.ts";

export const deployment: Waiter = {
  judge(live) {
    if (!isObserved(live)) return waiting("the deployment controller");
    return READY;
  },
};

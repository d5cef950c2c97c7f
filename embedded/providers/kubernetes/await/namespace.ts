import { failed, READY, type Waiter, waiting } from "./verdict.ts";

/** A namespace is ready when it is active: content is refused in one that is going away. */
export const namespace: Waiter = {
  judge({ status, metadata }) {
    if (metadata.deletionTimestamp !== undefined)
      return failed(`Namespace ${metadata.name} is being deleted`);
    const { phase } = status ?? {};
    return phase === "Active" ? READY : waiting(`the namespace is ${String(phase ?? "new")}`);
  },
};

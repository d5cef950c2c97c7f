import { eventReasons, warningsAbout } from "./events.ts";
import { failed, READY, type Waiter, waiting } from "./verdict.ts";

/** A PersistentVolumeClaim is ready when it is bound, unless it is to be bound only once a pod uses it. */
export const volumeClaim: Waiter = {
  async judge({ status, spec }, { cluster, signal }) {
    const { phase } = status ?? {};
    if (phase === "Bound") return READY;
    if (phase === "Lost") return failed("its volume is lost");
    const className = spec?.storageClassName;
    if (typeof className === "string" && className !== "") {
      const path = `/apis/storage.k8s.io/v1/storageclasses/${encodeURIComponent(className)}`;
      const storageClass = await cluster.getPath(path, { signal });
      if (storageClass?.volumeBindingMode === "WaitForFirstConsumer") return READY;
    }
    return waiting("a volume to be bound");
  },

  async explain(live, look) {
    return eventReasons(await warningsAbout([live], look));
  },
};

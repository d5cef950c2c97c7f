import type { KubeObject } from "../object.ts";
import { timeOf, warningsAbout } from "./events.ts";
import { isFinalRefusal } from "./refusal.ts";
import { failed, type Look, type Verdict } from "./verdict.ts";

/** Clocks of this machine and the cluster may differ a little, and events have whole seconds. */
const TOLERANCE = 2_000;

/**
 * For controllers that tell of refused pods by events only: fails if one was refused for good since the object was
 * applied. Undefined if not, or if it is too early to ask.
 */
export async function refusedPods(
  live: KubeObject,
  look: Look & { readonly elapsed: number },
): Promise<Verdict | undefined> {
  if (look.elapsed < 500) return undefined;
  const since = Date.now() - look.elapsed - TOLERANCE;
  const refusal = (await warningsAbout([live], look)).find(
    (event) =>
      event.reason === "FailedCreate" &&
      timeOf(event) >= since &&
      isFinalRefusal(event.message ?? "", look.elapsed),
  );
  return refusal && failed(`its pods can't be created: ${refusal.message}`);
}

/** Which kinds are waited for. */

import { parseApiVersion } from "../gvk.ts";
import type { KubeObject } from "../object.ts";
import { deployment } from "./deployment.ts";
import type { Waiter } from "./verdict.ts";

const WAITERS: Record<string, Waiter> = {
  "apps/Deployment": deployment,
};

export function waiterFor(object: KubeObject): Waiter | undefined {
  return WAITERS[`${parseApiVersion(object.apiVersion).group}/${object.kind}`];
}

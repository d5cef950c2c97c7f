import type { Policy } from "./framework/policy.ts";
import { recommendedLabels } from "./labels/recommended.ts";

/** Every policy, in the order in which documents and messages list them. */
export const policies: readonly Policy[] = [recommendedLabels];

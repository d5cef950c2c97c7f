import type { StackConfig } from "../../../config/index.ts";
import { lines } from "./lines.ts";

/**
 * Lets an alert on a share fire only if enough requests were bad for it to mean something.
 * @param condition PromQL whose value the alert shows
 * @param bad PromQL, how many requests were bad within the alert's window
 */
export function guarded({ observability }: StackConfig, condition: string, bad: string): string {
  return lines(condition, "and on ()", `${bad} >= ${observability.slo.minimumBadRequests}`);
}

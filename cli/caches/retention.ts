import { secondsOf } from "../../config/humantime.ts";

/** How long a cache keeps unused objects: seconds, 0 being for ever, or as the server's default says. */
export type Retention = number | "default";

/**
 * The retention that a cache declares.
 * @param declared a span, `forever`, or nothing
 */
export function retentionOf(declared: string | undefined): Retention {
  if (declared === undefined) return "default";
  return declared === "forever" ? 0 : secondsOf(declared);
}

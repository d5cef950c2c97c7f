import type { StackConfig } from "../../config/index.ts";
import type { RuleGroup } from "../observability/rule.ts";
import type { CalendarEntry } from "./calendar.ts";
import type { Seconds } from "./rotation.ts";

/** Names of the series that tell when tokens end. */
export const series = {
  /** When a token's current generation ends, in seconds since 1970. */
  expiry: "attic_token_expiry_timestamp_seconds",
  /** When the next one is to take its place. */
  rotation: "attic_token_rotation_due_timestamp_seconds",
} as const;

/**
 * The calendar as series with constant values, so that Prometheus can warn without an exporter. A schedule that
 * stopped running leaves them as they are, which is what shows it.
 */
export function calendarRules({ namespace }: StackConfig, calendar: readonly CalendarEntry[]): RuleGroup {
  const constant = (record: string, { kind, name, current }: CalendarEntry, time: Seconds) => ({
    record,
    expr: `vector(${time})`,
    labels: { namespace, token: name, kind, generation: String(current.number) },
  });
  return {
    name: "attic-tokens",
    rules: calendar.flatMap((entry) => [
      constant(series.expiry, entry, entry.current.expires),
      constant(series.rotation, entry, entry.current.rotates),
    ]),
  };
}

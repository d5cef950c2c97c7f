import { days, type Window } from "./window.ts";

/**
 * How fast an error budget may be used up before somebody is told: `page` now, `ticket` in working hours. Each is
 * told of by two windows: the long one makes sure that it matters, the short one, a twelfth of it, that it still goes
 * on.
 */
export interface BurnRate {
  urgency: "page" | "ticket";
  long: Window;
  short: Window;
  /** The share of a period's budget that is gone when the long window has been that bad throughout, in percent. */
  budgetPercent: number;
}

/** The burn rates of the SRE workbook, https://sre.google/workbook/alerting-on-slos/. */
export const burnRates: readonly BurnRate[] = [
  { urgency: "page", long: "1h", short: "5m", budgetPercent: 2 },
  { urgency: "page", long: "6h", short: "30m", budgetPercent: 5 },
  { urgency: "ticket", long: "1d", short: "2h", budgetPercent: 10 },
  { urgency: "ticket", long: "3d", short: "6h", budgetPercent: 10 },
];

/** How many times as fast as just allowed that is: 14.4, 6, 3 and 1 over 30 days. */
export function factor({ budgetPercent, long }: BurnRate, period: Window): number {
  return ((budgetPercent / 100) * days(period)) / days(long);
}

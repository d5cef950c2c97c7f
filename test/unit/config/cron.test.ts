import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestGap } from "../../../config/cron.ts";

const hour = 3600;
const day = 24 * hour;

describe("the longest time between two runs", () => {
  test.each([
    ["0 0 * * *", "daily", day],
    ["0 0,12 * * *", "twice a day", 12 * hour],
    ["*/15 * * * *", "every quarter of an hour, to the hour", hour],
    ["0 */6 * * *", "every six hours", 6 * hour],
    ["0 9-17 * * *", "in the day, so over the night", 16 * hour],
    ["0 8-18/5 * * *", "at 8, 13 and 18", 14 * hour],
    ["0 0 * * 0", "on Sundays", 7 * day],
    ["0 0 * * mon-FRI", "on working days, so over the weekend", 3 * day],
    ["0 3 1 * *", "on the first, of months of up to 31 days", 31 * day],
    ["0 3 31 * *", "on the 31st, which not every month has", 61 * day],
    ["0 0 1 jan *", "yearly, leap years included", 366 * day],
    ["0 0 29 2 *", "on the 29th of February", (4 * 365 + 1) * day],
    ["0 0 ? * ?", "daily, with question marks", day],
    ["0 0 1 * mon", "on the first and on Mondays, either of them", 7 * day],
    ["0 0 */1 * mon", "on Mondays", 7 * day],
    ["0 0 0 * * *", "daily, with seconds", day],
    ["30 0 0 1,15 * *", "twice a month, with seconds", 17 * day],
    ["0 5/10 * * *", "at 5 and 15", 14 * hour],
  ])("%s: %s", (schedule, _, gap) => {
    expect(longestGap(schedule)).toBe(gap);
  });

  test("is that of the hours, if it runs on all days", () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1 });
    fc.assert(
      fc.property(hours, (chosen) => {
        const sorted = chosen.toSorted((a, b) => a - b);
        const gaps = sorted.map((at, index) => (sorted[index + 1] ?? (sorted[0] ?? 0) + 24) - at);
        expect(longestGap(`0 ${chosen.join(",")} * * *`)).toBe(Math.max(...gaps) * hour);
      }),
    );
  });

  test("only shrinks when a schedule runs on more days", () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 });
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 6 }), (some, another) => {
        const more = [...new Set([...some, another])];
        expect(longestGap(`0 0 * * ${more.join()}`)).toBeLessThanOrEqual(
          longestGap(`0 0 * * ${some.join()}`),
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["0 24 * * *", "Constraint error, got value 24 expected range 0-23"],
    ["0 0 0 * *", "Constraint error, got value 0 expected range 1-31"],
    ["0 0 * foo *", "Validation error"],
    ["0 0 */0 * *", "Constraint error"],
    ["0 18-8 * * *", "Invalid range: 18-8"],
    ["0 0 30 feb *", "Invalid explicit day of month definition"],
  ])("cannot be told of %s: %s", (schedule, why) => {
    expect(() => longestGap(schedule)).toThrow(`cannot read the schedule "${schedule}": ${why}`);
  });
});

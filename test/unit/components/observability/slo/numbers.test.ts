import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { burnRates, factor } from "../../../../../components/observability/slo/burn-rates.ts";
import { decimal } from "../../../../../components/observability/slo/decimal.ts";
import { budget, objectives } from "../../../../../components/observability/slo/objectives.ts";
import { days, seconds, type Window } from "../../../../../components/observability/slo/window.ts";

/** A whole number of millionths as a person writes it, computed without fractions. */
function written(millionths: number): string {
  const digits = String(millionths).padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/0+$/, "").replace(/\.$/, "");
}

describe("a number in PromQL", () => {
  test("is written exactly, however it was computed", () => {
    const millionths = fc.integer({ min: 0, max: 20_000_000 });
    fc.assert(
      fc.property(millionths, (value) => {
        expect(decimal(value / 1e6)).toBe(written(value));
        // The noise of binary fractions: 1 - 0.999 is not 0.001.
        expect(decimal(1 + value / 1e6 - 1)).toBe(written(value));
      }),
    );
  });

  test("keeps its zeros before the point", () => {
    expect([decimal(30), decimal(100), decimal(0), decimal(-1.5)]).toEqual(["30", "100", "0", "-1.5"]);
  });

  test.each([1 / 3, 1e-10, Number.NaN, Number.POSITIVE_INFINITY])(
    "is refused where that cannot be: %d",
    (value) => {
      expect(() => decimal(value)).toThrow("more than 9 digits");
    },
  );
});

describe("a window", () => {
  test.each<[Window, number]>([
    ["5m", 300],
    ["2h", 7200],
    ["3d", 259_200],
    ["30d", 2_592_000],
  ])("%s is %d seconds", (window, length) => {
    expect(seconds(window)).toBe(length);
  });
});

describe("the burn rates", () => {
  test("are those of the SRE workbook for 30 days", () => {
    expect(burnRates.map((rate) => [rate.urgency, rate.long, rate.short, factor(rate, "30d")])).toEqual([
      ["page", "1h", "5m", 14.4],
      ["page", "6h", "30m", 6],
      ["ticket", "1d", "2h", 3],
      ["ticket", "3d", "6h", 1],
    ]);
  });

  test.each(burnRates)(
    "of $long: burning so fast for $long uses $budgetPercent % of any period's budget",
    (rate) => {
      const periods = fc.constantFrom<Window>("1d", "3d", "7d", "30d");
      fc.assert(
        fc.property(periods, (period) => {
          const used = (factor(rate, period) * days(rate.long)) / days(period);
          expect(used * 100).toBeCloseTo(rate.budgetPercent, 10);
        }),
      );
    },
  );

  test.each(burnRates)("of $long: the short window is a twelfth of it", ({ long, short }) => {
    expect(seconds(short) * 12).toBe(seconds(long));
  });

  test.each(objectives)(
    "can be reached by $slo, whose requests can be no worse than all bad",
    (objective) => {
      for (const rate of burnRates)
        expect(factor(rate, objective.period) * budget(objective)).toBeLessThan(1);
    },
  );

  // So that the objectives over a week and a day need no alerts of their own.
  test.each([
    ["availability-7d", "7d"],
    ["availability-1d", "1d"],
  ] as const)("tell of a %s that is missed before it is", (slo, period) => {
    const own = objectives.find((each) => each.slo === slo) as (typeof objectives)[number];
    const month = objectives[0];
    // Were every window of a rate below its threshold, this much could be bad within the period.
    const unnoticed = Math.min(
      ...burnRates
        .filter(({ long }) => seconds(long) <= seconds(period))
        .map((rate) => factor(rate, "30d") * budget(month)),
    );
    expect(unnoticed).toBeLessThanOrEqual(budget(own) + 1e-12);
  });
});

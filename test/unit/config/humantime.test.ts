import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostSeconds, secondsOf, spanOf } from "../../../config/humantime.ts";
import { stackConfig } from "../../support/settings.ts";

/** How the crate humantime 2.3 counts, and every spelling that the configuration takes. */
const units: [seconds: number, spellings: string[]][] = [
  [1, ["s", "sec", "secs", "second", "seconds"]],
  [60, ["m", "min", "mins", "minute", "minutes"]],
  [3600, ["h", "hr", "hrs", "hour", "hours"]],
  [86_400, ["d", "day", "days"]],
  [604_800, ["w", "week", "weeks"]],
  [2_630_016, ["M", "month", "months"]],
  [31_557_600, ["y", "year", "years"]],
];
const spellings = units.flatMap(([seconds, all]) => all.map((spelling) => ({ seconds, spelling })));

describe("a span of time", () => {
  test.each(spellings)("has $seconds s in each $spelling", ({ seconds, spelling }) => {
    expect(secondsOf(`1${spelling}`)).toBe(seconds);
    expect(secondsOf(`3 ${spelling}`)).toBe(3 * seconds);
  });

  test("has minutes in m and months in M", () => {
    expect(secondsOf("1m 1M")).toBe(60 + 2_630_016);
  });

  test("is the sum of its parts, however they are written, and the configuration takes it", () => {
    const parts = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 999 }),
        fc.constantFrom(...spellings),
        fc.constantFrom("", " ", "  "),
      ),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(parts, fc.constantFrom("", " "), (parts, between) => {
        const span = parts.map(([count, { spelling }, space]) => `${count}${space}${spelling}`).join(between);
        expect(secondsOf(span)).toBe(parts.reduce((sum, [count, { seconds }]) => sum + count * seconds, 0));
        expect(() => stackConfig({ garbageCollection: { interval: span } })).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  test("is shown as one that means the same", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat(mostSeconds),
          fc.nat(5000).map((days) => days * 86_400),
        ),
        (seconds) => {
          expect(secondsOf(spanOf(seconds))).toBe(seconds);
        },
      ),
    );
    expect([1, 90, 3600, 86_400, 604_800, 7_890_048, 31_557_600].map(spanOf)).toEqual([
      "1 second",
      "90 seconds",
      "1 hour",
      "1 day",
      "7 days",
      "3 months",
      "1 year",
    ]);
  });
});

describe("the configuration", () => {
  const refusal = (settings: Parameters<typeof stackConfig>[0]) => {
    try {
      stackConfig(settings);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const retention = (retention: string) => refusal({ caches: { main: { retention } } });
  const byDefault = (defaultRetentionPeriod: string) =>
    refusal({ garbageCollection: { defaultRetentionPeriod } });

  test("refuses a retention that the server would take for another", () => {
    expect(retention(`${mostSeconds} s`)).toBe("");
    expect(retention(`${mostSeconds + 1} s`)).toContain("about 68 years");
    expect(retention("0 days")).toContain("must be more than no time");
    expect(byDefault(`${mostSeconds + 1} s`)).toContain("about 68 years");
    expect(byDefault("0s")).toBe("");
  });

  test("refuses a retention under a day, by which three months written 3m would be three minutes", () => {
    const refused = "must be a span of a day at least: m means minutes, M or months means months";
    for (const under of ["3m", "1s", "23h 59m"]) {
      expect(byDefault(under)).toContain(refused);
      expect(retention(under)).toContain(refused);
    }
    for (const enough of ["1 day", "24h", "3M"]) {
      expect([byDefault(enough), retention(enough)]).toEqual(["", ""]);
    }
  });

  test("refuses a priority that the server cannot store", () => {
    expect(refusal({ caches: { main: { priority: mostSeconds + 1 } } })).toContain("at most 2147483647");
  });
});

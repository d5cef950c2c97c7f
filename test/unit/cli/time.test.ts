import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, fromNow, parseDuration, parseTime } from "../../../cli/time.ts";

describe("a span of time", () => {
  test.each([
    ["90s", 90],
    ["90m", 5_400],
    ["2h", 7_200],
    ["1d12h", 129_600],
    ["1d 12h", 129_600],
    ["30 d", 2_592_000],
    ["2w", 1_209_600],
    ["1y", 31_536_000],
  ])("%s is %i seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  test.each([
    "",
    "2",
    "h",
    "-2h",
    "1.5h",
    "2 hours",
    "2h!",
    " 2h",
    "0s",
    "0h0m",
    "101y",
    "99999999999y",
    "2M",
  ])("%j is none, and what would be is said", (text) =>
    expect(() => parseDuration(text)).toThrow(`${JSON.stringify(text)} is no span of time`),
  );

  test("is the sum of its parts, in whatever order", () => {
    const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
    const part = fc.tuple(
      fc.integer({ min: 1, max: 99 }),
      fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const sum = parts.reduce((total, [n, unit]) => total + n * units[unit], 0);
        expect(parseDuration(parts.map((each) => each.join("")).join(""))).toBe(sum);
      }),
    );
  });

  test.each([
    [59, "59 s"],
    [3_599, "59 min"],
    [86_399, "23 h"],
    [86_400, "1 d"],
    [31_536_000, "365 d"],
  ])("%i seconds are shown as %s: rounded down, so that nothing seems to last longer", (seconds, text) =>
    expect(formatDuration(seconds)).toBe(text),
  );

  test("lies ahead or behind", () => {
    expect(fromNow(7_200, 0)).toBe("in 2 h");
    expect(fromNow(0, 7_200)).toBe("2 h ago");
    expect(fromNow(5, 5)).toBe("0 s ago");
  });
});

describe("a time", () => {
  test.each([
    ["2027-03-01", "2027-03-01T00:00:00.000Z"],
    ["2027-03-01T08:00Z", "2027-03-01T08:00:00.000Z"],
    ["2027-03-01T08:00:30.5Z", "2027-03-01T08:00:30.500Z"],
    ["2027-03-01T08:00:00+01:00", "2027-03-01T07:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ])("%s is %s, wherever the machine is", (text, utc) => expect(parseTime(text).toISOString()).toBe(utc));

  test.each([
    "2027-03-01T08:00",
    "tomorrow",
    "2027-02-29",
    "2027-13-01",
    "2027-03-01T25:00Z",
    "1.3.2027",
    "2027",
    "",
  ])("%j is none: it does not exist, or lacks its zone", (text) =>
    expect(() => parseTime(text)).toThrow("is no date"),
  );
});

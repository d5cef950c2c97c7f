import { expect, test } from "vitest";
import { clockOf } from "../../../cli/clock.ts";

const real = new Date("2026-11-21T08:00:00Z");

test("the clock is the real one unless the environment sets it", () => {
  expect(clockOf({}, real)).toEqual({ now: real });
  expect(clockOf({ ATTICCTL_NOW: " " }, real)).toEqual({ now: real });
});

test("a clock that is set says so", () => {
  const { now, said } = clockOf({ ATTICCTL_NOW: "2027-02-08T08:00Z" }, real);
  expect(now).toEqual(new Date("2027-02-08T08:00:00Z"));
  expect(said).toContain("a rehearsal: ATTICCTL_NOW sets the time to 2027-02-08T08:00:00.000Z");
});

test("a clock that is set to no time is refused", () => {
  expect(() => clockOf({ ATTICCTL_NOW: "tomorrow" }, real)).toThrow('"tomorrow" is no date');
});

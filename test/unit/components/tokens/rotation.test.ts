import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backdating,
  generationOf,
  generationsAt,
  iso,
  type Rotation,
  seconds,
} from "../../../../components/tokens/rotation.ts";

const day = 86_400;
const ci: Rotation = { validityDays: 90, rotateBeforeDays: 14 };
const anchor = seconds(new Date("2026-11-21T08:00:00Z"));

describe("a CI token of 90 days that rotates 14 days before its end", () => {
  const at = (days: number) => generationsAt(anchor + days * day, anchor, ci);

  test.each([
    [0, 1, undefined],
    [75, 1, undefined],
    [76, 2, 1],
    [77, 2, 1],
    [89, 2, 1],
    [90, 2, undefined],
    [91, 2, undefined],
    [152, 3, 2],
    [365, 5, undefined],
  ])("on day %i is of generation %i, and publishes %o beside it", (days, current, previous) => {
    expect(at(days).current.number).toBe(current);
    expect(at(days).previous?.number).toBe(previous);
  });

  test("says when it was issued, when it ends and when the next one comes", () => {
    const { current } = at(77);
    expect(iso(current.issued)).toBe("2027-02-05T08:00:00Z");
    expect(iso(current.rotates)).toBe("2027-04-22T08:00:00Z");
    // Ten minutes short of 90 days, as it begins ten minutes early.
    expect(iso(current.expires)).toBe("2027-05-06T07:50:00Z");
  });

  test("stays as it is when the clock is set back before its beginning", () => {
    expect(generationsAt(anchor - 40 * day, anchor, ci)).toEqual(at(0));
  });
});

/** Any rotation that the configuration allows, and any time of the ten years after its anchor. */
const rotation = fc.integer({ min: 2, max: 365 }).chain((validityDays) =>
  fc.record({
    validityDays: fc.constant(validityDays),
    rotateBeforeDays: fc.integer({ min: 1, max: Math.floor(validityDays / 2) }),
  }),
);
const time = fc.integer({ min: anchor, max: anchor + 3650 * day });

describe("whatever the validity, the lead and the times of the updates", () => {
  test("no generation is valid for longer than the rotation says", () => {
    fc.assert(
      fc.property(rotation, time, (rotation, now) => {
        const { current, previous } = generationsAt(now, anchor, rotation);
        for (const each of [current, ...(previous ? [previous] : [])]) {
          expect(each.expires - each.notBefore).toBe(rotation.validityDays * day);
        }
      }),
    );
  });

  test("the one that is published is valid, for at least the lead but for the ten minutes it began early", () => {
    fc.assert(
      fc.property(rotation, time, (rotation, now) => {
        const { current } = generationsAt(now, anchor, rotation);
        expect(current.notBefore).toBeLessThan(now);
        expect(current.expires - now).toBeGreaterThanOrEqual(rotation.rotateBeforeDays * day - backdating);
      }),
    );
  });

  test("who took the token at any update has a valid one, if an update ran in the overlap", () => {
    const leadTimes = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(rotation, leadTimes, (rotation, steps) => {
        const overlap = rotation.rotateBeforeDays * day - backdating;
        let now = anchor;
        let held = generationsAt(now, anchor, rotation).current;
        for (const step of steps) {
          // The next update runs before the overlap is over, however early or late in it.
          now += Math.max(1, Math.min(overlap - 1, Math.round((step / 10_000) * overlap)));
          expect(held.expires).toBeGreaterThan(now);
          const { current, previous } = generationsAt(now, anchor, rotation);
          // Nobody is surprised: what was held is still current, or is published beside the new one.
          expect([current.number, previous?.number]).toContain(held.number);
          held = current;
        }
      }),
      { numRuns: 200 },
    );
  });

  test("generations never go back, and never come early", () => {
    fc.assert(
      fc.property(rotation, time, fc.integer({ min: 0, max: 400 * day }), (rotation, now, later) => {
        const before = generationsAt(now, anchor, rotation).current;
        const after = generationsAt(now + later, anchor, rotation).current;
        expect(after.number).toBeGreaterThanOrEqual(before.number);
        expect(after.number > before.number).toBe(now + later >= before.rotates);
      }),
    );
  });

  test("the one before is published exactly as long as it is valid", () => {
    fc.assert(
      fc.property(rotation, time, (rotation, now) => {
        const { current, previous } = generationsAt(now, anchor, rotation);
        const period = (rotation.validityDays - rotation.rotateBeforeDays) * day;
        const before = generationOf(current.number - 1, current.issued - period, rotation);
        expect(previous).toEqual(current.number > 1 && before.expires > now ? before : undefined);
      }),
    );
  });
});

test("times are whole seconds in UTC", () => {
  expect(seconds(new Date("2026-11-21T08:00:00.999Z"))).toBe(anchor);
  expect(iso(anchor)).toBe("2026-11-21T08:00:00Z");
});

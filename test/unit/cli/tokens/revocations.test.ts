import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployed } from "../../../../cli/deployed.ts";
import { endOfGeneration } from "../../../../cli/tokens/revocations.ts";
import { generationOf, generationsAt, iso, seconds } from "../../../../components/tokens/rotation.ts";
import { kinds } from "../../../../config/schema/tokens.ts";
import { after, made } from "../world.ts";

const anchor = seconds(after(0));
const day = 86_400;

/** What is known of a token: its kind, and what was issued last. */
const deployed = (kind: string, generation: number, issued = anchor) =>
  ({ tokenAnchor: made, tokens: { it: { kind, generation, issued: iso(issued) } } }) as unknown as Deployed;

/** A kind, a calendar that its tokens may have, and the day of an update. */
const minted = fc.constantFrom("ci" as const, "service" as const).chain((kind) =>
  fc.integer({ min: 2, max: kinds[kind].validityDays }).chain((validityDays) =>
    fc.record({
      kind: fc.constant(kind),
      rotation: fc.record({
        validityDays: fc.constant(validityDays),
        rotateBeforeDays: fc.integer({ min: 1, max: Math.floor(validityDays / 2) }),
      }),
      day: fc.double({ min: 0, max: 2000, noNaN: true }),
      later: fc.double({ min: 0, max: 500, noNaN: true }),
    }),
  ),
);

describe("the end of a generation", () => {
  test("is never before that of a token of it, by whichever calendar it was minted and whenever it is asked for", () => {
    fc.assert(
      fc.property(minted, ({ kind, rotation, day: when, later }) => {
        const { current, previous } = generationsAt(seconds(after(when)), anchor, rotation);
        for (const each of previous ? [current, previous] : [current]) {
          const end = endOfGeneration(deployed(kind, 9999), "it", each.number, after(when + later));
          expect(end).toBeGreaterThanOrEqual(each.expires);
        }
      }),
    );
  });

  test("is no later than a token can be that is minted now", () => {
    fc.assert(
      fc.property(minted, fc.integer({ min: 1, max: 99 }), ({ kind, day: when }, generation) => {
        const end = endOfGeneration(deployed(kind, 99), "it", generation, after(when));
        expect(end).toBeLessThanOrEqual(seconds(after(when)) + kinds[kind].validityDays * day);
      }),
    );
  });

  test("is that of the longest validity, for the first one and for a root token", () => {
    const ends = (token: Deployed, generation: number) => endOfGeneration(token, "it", generation, after(77));
    expect(ends(deployed("ci", 2), 1)).toBe(generationOf(1, anchor, kinds.ci).expires);
    const root = deployed("root", 2, anchor + 30 * day);
    expect([ends(root, 1), ends(root, 2)]).toEqual(
      Array(2).fill(generationOf(1, anchor + 30 * day, kinds.root).expires),
    );
  });

  test("is not known of one that is not made yet, or whose token is not deployed", () => {
    expect(endOfGeneration(deployed("ci", 2), "it", 3, after(77))).toBeUndefined();
    expect(endOfGeneration(deployed("ci", 2), "another", 1, after(77))).toBeUndefined();
  });
});

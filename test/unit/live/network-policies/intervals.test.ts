import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressNumber,
  addressText,
  holds,
  isEverything,
  rangeOf,
  subtract,
  union,
} from "../../../../live/network-policies/intervals.ts";

const interval = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const some = fc.array(interval, { maxLength: 5 });
const numbers = Array.from({ length: 23 }, (_, index) => index - 1);

describe("intervals", () => {
  test("add up, and take away, as the sets of their numbers do", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        for (const number of numbers) {
          expect(holds(union(a), number)).toBe(holds(a, number));
          expect(holds(subtract(a, b), number)).toBe(holds(a, number) && !holds(b, number));
        }
      }),
    );
  });

  test("are in order and apart, as nft wants them", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        for (const intervals of [union(a), subtract(a, b)]) {
          for (const [at, { first, last }] of intervals.entries()) {
            expect(first).toBeLessThanOrEqual(last);
            expect(first).toBeGreaterThan((intervals[at - 1]?.last ?? Number.NEGATIVE_INFINITY) + 1);
          }
        }
      }),
    );
  });
});

describe("addresses", () => {
  test("are numbers and back", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressText(addressNumber(address))).toBe(address);
      }),
    );
    expect(addressNumber("255.255.255.255")).toBe(2 ** 32 - 1);
  });

  test.each(["10.0.0", "10.0.0.256", "10.0.0.01", "::1", "", "10.0.0.0.0", "10.0.0.-1"])(
    "are not %s",
    (text) => {
      expect(() => addressNumber(text)).toThrow("is no IPv4 address");
    },
  );

  test("of a range are counted by its prefix", () => {
    const shown = (cidr: string) => {
      const { first, last } = rangeOf(cidr);
      return `${addressText(first)}-${addressText(last)}`;
    };
    expect(shown("10.1.2.3/8")).toBe("10.0.0.0-10.255.255.255");
    expect(shown("10.1.2.3/32")).toBe("10.1.2.3-10.1.2.3");
    expect(isEverything([rangeOf("0.0.0.0/0")])).toBe(true);
    expect(isEverything([rangeOf("0.0.0.0/1")])).toBe(false);
  });

  test.each(["10.0.0.0/33", "10.0.0.0", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/x"])(
    "%s is no range",
    (text) => {
      expect(() => rangeOf(text)).toThrow("is no range of addresses");
    },
  );
});

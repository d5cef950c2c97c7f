import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cacheName,
  cachePattern,
  covers,
  isPattern,
  narrowestFirst,
  overlap,
} from "../../../config/cache-names.ts";

// What patterns mean is decided here by trying names, so nothing depends on how the code decides it.

/** Whether the server takes a name for one that the pattern means. */
function matches(pattern: string, name: string): boolean {
  if (pattern === "") return name === "";
  if (pattern[0] !== "*") return pattern[0] === name[0] && matches(pattern.slice(1), name.slice(1));
  return matches(pattern.slice(1), name) || (name !== "" && matches(pattern, name.slice(1)));
}

/** All names over three letters up to a length; `c` is in no pattern below, so it stands for all other letters. */
function names(length: number): string[] {
  const shorter = length === 1 ? [""] : ["", ...names(length - 1)];
  return [...new Set(shorter.flatMap((name) => ["a", "b", "c"].map((letter) => name + letter)))];
}
const short = names(4);
const longer = names(6);

const pattern = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength });

describe("a pattern covers another", () => {
  test("exactly when every name that the other means is one that it means", () => {
    fc.assert(
      fc.property(pattern(5), pattern(4), (wide, narrow) => {
        const meant = short.filter((name) => matches(narrow, name));
        expect(covers(wide, narrow)).toBe(meant.every((name) => matches(wide, name)));
      }),
      { numRuns: 500 },
    );
  });

  test("when the other is one name that it means", () => {
    fc.assert(
      fc.property(pattern(6), fc.constantFrom(...longer), (wide, name) => {
        expect(covers(wide, name)).toBe(matches(wide, name));
      }),
    );
  });

  test.each([
    ["*", "anything+at-all_1", true],
    ["team-*", "team-", true],
    ["team-*", "team-a*", true],
    ["team-*", "team", false],
    ["a.b", "axb", false],
    ["a+b", "aab", false],
    ["dev-*", "*", false],
  ])("%s, %s: %s", (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });
});

describe("two patterns overlap", () => {
  test("exactly when both mean some name", () => {
    fc.assert(
      fc.property(pattern(3), pattern(3), (one, other) => {
        expect(overlap(one, other)).toBe(longer.some((name) => matches(one, name) && matches(other, name)));
      }),
      { numRuns: 500 },
    );
  });

  test("whichever is named first, and with themselves", () => {
    fc.assert(
      fc.property(pattern(12), pattern(12), (one, other) => {
        expect(overlap(one, other)).toBe(overlap(other, one));
        expect(overlap(one, one)).toBe(true);
      }),
    );
  });

  test("when one covers the other", () => {
    fc.assert(
      fc.property(pattern(5), pattern(5), (one, other) => {
        fc.pre(covers(one, other));
        expect(overlap(one, other)).toBe(true);
      }),
    );
  });

  test("or not at the longest, within a moment", () => {
    expect(overlap(`${"*a".repeat(24)}b`, `${"a*".repeat(24)}c`)).toBe(false);
  });
});

describe("the order of patterns in a token", () => {
  const patterns = fc.uniqueArray(pattern(4), { minLength: 2, maxLength: 8 });

  test("is the same however they are declared, and loses none", () => {
    fc.assert(
      fc.property(
        patterns.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const ordered = narrowestFirst(all);
          expect(narrowestFirst(shuffled)).toEqual(ordered);
          expect(narrowestFirst(ordered)).toEqual(ordered);
          expect(ordered.toSorted()).toEqual(all.toSorted());
        },
      ),
    );
  });

  test("has the narrower of two before the wider", () => {
    fc.assert(
      fc.property(patterns, (all) => {
        const ordered = narrowestFirst(all);
        const meant = ordered.map((one) => short.filter((name) => matches(one, name)));
        ordered.forEach((_, later) => {
          for (let earlier = 0; earlier < later; earlier++) {
            const [first, second] = [meant[earlier] as string[], meant[later] as string[]];
            const wider = first.length > second.length && second.every((name) => first.includes(name));
            expect(wider, `${ordered[earlier]} before ${ordered[later]}`).toBe(false);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test("has every single name before every pattern", () => {
    expect(narrowestFirst(["a-very-long-prefix-*", "*", "b", "dev-*", "a"])).toEqual([
      "a",
      "b",
      "a-very-long-prefix-*",
      "dev-*",
      "*",
    ]);
  });

  test("counts stars side by side as the one that they are", () => {
    expect(narrowestFirst(["*a*", "a**"])).toEqual(["a**", "*a*"]);
  });
});

describe("names", () => {
  const letters = [..."ABCXYZabcxyz0189"];
  const signs = [..."-_+"];
  const rest = (more: string[], maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...letters, ...signs, ...more), maxLength });

  test("are a letter or digit and up to 49 letters, digits and signs", () => {
    fc.assert(
      fc.property(fc.constantFrom(...letters), rest([], 49), (first, rest) => {
        expect(cacheName.test(first + rest)).toBe(true);
        expect(isPattern(first + rest)).toBe(false);
      }),
    );
  });

  test("with a star anywhere are patterns, and no names", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...letters, "*"),
        rest(["*"], 24),
        rest(["*"], 24),
        (first, before, after) => {
          const text = `${first}${before}*${after}`;
          expect([cachePattern.test(text), cacheName.test(text), isPattern(text)]).toEqual([
            true,
            false,
            true,
          ]);
        },
      ),
    );
  });

  test("are nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const valid =
          /^[a-z0-9]/i.test(text) && [...text].every((c) => /^[a-z0-9+_-]$/i.test(c)) && text.length < 51;
        expect(cacheName.test(text)).toBe(valid);
      }),
    );
    for (const text of ["", "-a", "_a", "+a", "a b", "a/b", "a.b", "ä", "a\n", "a".repeat(51)]) {
      expect(cacheName.test(text), JSON.stringify(text)).toBe(false);
      expect(cachePattern.test(text), JSON.stringify(text)).toBe(false);
    }
  });
});

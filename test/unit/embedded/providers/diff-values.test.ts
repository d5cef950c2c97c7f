import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffValues, replaceOn } from "../../../../embedded/providers/diff-values.ts";
import { parsePath, valueAt } from "../../../../embedded/providers/property-path.ts";
import { UNKNOWN } from "../../../../embedded/providers/struct.ts";

const object = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes("__proto__")),
  { noNullPrototype: true },
);

describe("the differences of two objects", () => {
  it.each([
    [{ a: 1 }, { a: 2 }, { a: "update" }],
    [{}, { a: { b: 1 } }, { a: "add" }],
    [{ a: [1, 2] }, { a: [1] }, { "a[1]": "delete" }],
    [{ a: { "b.c": 1 } }, { a: { "b.c": 2 } }, { 'a["b.c"]': "update" }],
    [{ a: [] }, { a: {} }, { a: "update" }],
    [{ a: 1 }, { a: null }, { a: "update" }],
    [{ a: UNKNOWN }, { a: UNKNOWN }, { a: "update" }],
  ])("of %j and %j are %j", (olds, news, diff) => {
    expect(diffValues(olds, news)).toEqual(diff);
  });

  it("are none for equal ones", () => {
    fc.assert(
      fc.property(object, (value) => {
        expect(diffValues(value, structuredClone(value))).toEqual({});
      }),
    );
  });

  it("are at paths where the values differ", () => {
    fc.assert(
      fc.property(object, object, (olds, news) => {
        for (const [path, kind] of Object.entries(diffValues(olds, news))) {
          const [old, now] = [olds, news].map((side) => valueAt(side, parsePath(path)));
          expect([old === undefined, now === undefined]).toEqual([kind === "add", kind === "delete"]);
          expect(old).not.toEqual(now);
        }
      }),
    );
  });

  it("replace at and below the named properties", () => {
    const diff = diffValues({ a: { b: 1 }, c: [1] }, { a: { b: 2 }, c: [2] });
    expect(replaceOn(diff, ["a"])).toEqual({ "a.b": "update-replace", "c[0]": "update" });
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  joinPath,
  type PathSegment,
  parsePath,
  valueAt,
} from "../../../../embedded/providers/property-path.ts";

const write = (segments: readonly PathSegment[]) => segments.reduce<string>(joinPath, "");

it.each([
  [["spec", "containers", 0, "image"], "spec.containers[0].image"],
  [["metadata", "labels", "app.kubernetes.io/name"], 'metadata.labels["app.kubernetes.io/name"]'],
  [["x-kubernetes-validations"], "x-kubernetes-validations"],
  [["a", 'say "b"'], 'a["say \\"b\\""]'],
])("writes %j as the engine does", (segments, text) => {
  expect(write(segments)).toBe(text);
});

it("reads what it writes", () => {
  const segment = fc.oneof(fc.string(), fc.nat());
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
      // A path can't begin with a bracketed property when nothing is before it, except in brackets.
      expect(parsePath(write(segments))).toEqual(segments);
    }),
  );
});

it("finds values", () => {
  const object = { a: [{ "b.c": 1 }] };
  expect(valueAt(object, parsePath('a[0]["b.c"]'))).toBe(1);
  expect(valueAt(object, parsePath("a[1].d.e"))).toBeUndefined();
});

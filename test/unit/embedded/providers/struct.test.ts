import fc from "fast-check";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import { fromStruct, hasUnknown, Secret, toStruct, UNKNOWN } from "../../../../embedded/providers/struct.ts";

// A protobuf map is an object inside, so this one key can't be a property.
const key = fc.string().filter((text) => text !== "__proto__");
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const object = fc.dictionary(key, json, { noNullPrototype: true });

/** Over the wire and back. */
function sent(props: Record<string, unknown>) {
  return fromStruct(structPb.Struct.deserializeBinary(toStruct(props).serializeBinary()));
}

describe("the codec of google.protobuf.Struct", () => {
  it("brings every JSON object back as it was", () => {
    fc.assert(
      fc.property(object, (props) => {
        expect(sent(props)).toEqual(props);
      }),
    );
  });

  it("leaves out what is undefined", () => {
    expect(sent({ a: undefined, b: { c: undefined } })).toEqual({ b: {} });
  });

  it("unwraps secrets, wherever they are", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(sent({ a: [new Secret(value)] })).toEqual({ a: [value] });
      }),
    );
  });

  it("marks secrets with the engine's signature", () => {
    expect(toStruct({ a: new Secret("s") }).toJavaScript()).toEqual({
      a: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "s" },
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, Symbol("s")])("refuses %s by its path", (value) => {
    expect(() => toStruct({ a: [value] })).toThrow(/^a\[0\]: a \w+ .* can't be sent/);
  });
});

describe("unknown values", () => {
  it("of every type become the one sentinel", () => {
    const number = "3eeb2bf0-c639-47a8-9e75-3b44932eb421";
    expect(sent({ a: { b: [number] } })).toEqual({ a: { b: [UNKNOWN] } });
  });

  it("are found at any depth", () => {
    fc.assert(
      fc.property(object, key, (props, name) => {
        expect(hasUnknown(props)).toBe(false);
        expect(hasUnknown({ ...props, [name]: [{ deep: UNKNOWN }] })).toBe(true);
      }),
    );
  });
});

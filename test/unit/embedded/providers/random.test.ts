import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Context } from "../../../../embedded/providers/provider.ts";
import { randomProvider } from "../../../../embedded/providers/random/index.ts";
import {
  randomIdOutputs,
  randomTextOutputs,
  textFailures,
} from "../../../../embedded/providers/random/values.ts";
import { Secret } from "../../../../embedded/providers/struct.ts";

const context: Context = { log() {}, status() {}, signal: new AbortController().signal };
const CLASSES = {
  Lower: /[a-z]/g,
  Upper: /[A-Z]/g,
  Numeric: /[0-9]/g,
  Special: /[!@#$%&*()\-_=+[\]{}<>:?]/g,
};

const options = fc
  .record({
    lower: fc.boolean(),
    upper: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
    minLower: fc.nat(3),
    minUpper: fc.nat(3),
    minNumeric: fc.nat(3),
    minSpecial: fc.nat(3),
    length: fc.integer({ min: 12, max: 40 }),
  })
  .filter(({ lower, upper, numeric, special }) => lower || upper || numeric || special);

describe("a random text", () => {
  it("has its length and at least the wanted number of each class", () => {
    fc.assert(
      fc.property(options, (inputs) => {
        const { result } = randomTextOutputs(inputs);
        expect(result).toHaveLength(inputs.length);
        for (const [name, pattern] of Object.entries(CLASSES)) {
          const count = result.match(pattern)?.length ?? 0;
          const minimum = (inputs as Record<string, unknown>)[`min${name}`] as number;
          expect(count).toBeGreaterThanOrEqual(minimum);
          if (!(inputs as Record<string, unknown>)[name.toLowerCase()]) expect(count).toBe(minimum);
        }
      }),
    );
  });

  it("takes special characters from the given list only", () => {
    const inputs = { length: 50, lower: false, upper: false, numeric: false, overrideSpecial: "_-" };
    expect(randomTextOutputs(inputs).result).toMatch(/^[-_]{50}$/);
  });

  it("differs each time", () => {
    const texts = new Set(Array.from({ length: 100 }, () => randomTextOutputs({ length: 16 }).result));
    expect(texts.size).toBe(100);
  });

  it.each([
    [{ length: 0 }, "length", /found 0; allowed: a whole number from 1 up/],
    [{ length: 3, minLower: 2, minUpper: 2 }, "length", /3 is less than .* which is 4/],
    [{ length: 3, lower: false, upper: false, numeric: false, special: false }, "special", /at least one/],
  ])("is refused for %j", (inputs, property, reason) => {
    expect(textFailures(inputs)).toEqual([{ property, reason: expect.stringMatching(reason) }]);
  });
});

it("a random id is one number in four spellings, after its prefix", () => {
  const { hex, dec, b64Std, b64Url, id } = randomIdOutputs(9, "p-");
  const bytes = Buffer.from(hex.slice(2), "hex");
  expect(bytes).toHaveLength(9);
  expect(BigInt(dec.slice(2))).toBe(BigInt(`0x${hex.slice(2)}`));
  expect(b64Std).toBe(`p-${bytes.toString("base64")}`);
  expect([b64Url, id]).toEqual([`p-${bytes.toString("base64url")}`, bytes.toString("base64url")]);
});

describe("the provider", () => {
  const type = "random:index/randomPassword:RandomPassword";
  const resource = { urn: `urn:pulumi:dev::p::${type}::pw`, type, name: "pw" };

  it("fills in the official defaults, and knows the old name of numeric", async () => {
    const news = { length: 8, number: false };
    const { inputs } = await randomProvider().check(
      { ...resource, olds: {}, news, randomSeed: new Uint8Array() },
      context,
    );
    expect(inputs).toMatchObject({
      length: 8,
      lower: true,
      upper: true,
      numeric: false,
      special: true,
      minLower: 0,
    });
    expect(inputs).not.toHaveProperty("number");
  });

  it("keeps a password out of the id and out of sight", async () => {
    const { id, outputs } = await randomProvider().create(
      { ...resource, news: { length: 8 }, timeout: 0, preview: false },
      context,
    );
    expect(id).toBe("none");
    expect(outputs.result).toBeInstanceOf(Secret);
  });

  it("replaces the value when the keepers change", async () => {
    const oldInputs = { length: 8, keepers: { epoch: "1" } };
    const { detailed } = await randomProvider().diff(
      {
        ...resource,
        id: "none",
        oldInputs,
        oldOutputs: {},
        news: { length: 8, keepers: { epoch: "2" } },
        ignoreChanges: [],
      },
      context,
    );
    expect(detailed).toEqual({ "keepers.epoch": "update-replace" });
  });
});

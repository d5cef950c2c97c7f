import { describe, expect, test } from "vitest";
import { tokensSpec } from "../../../../pictures/tokens/spec.ts";
import { overlaps, validities } from "../../../../pictures/tokens/validity.ts";
import { stackConfig } from "../../../support/settings.ts";

const config = stackConfig({
  tokens: {
    ci: { builds: { caches: { main: ["pull", "push"] } } },
    service: { warmer: { caches: { main: ["pull"] } } },
    root: { admin: { caches: { "*": ["pull"] } } },
  },
});
const year = validities(config, 365);
const of = (token: string) => year.filter((each) => each.token === token);

describe("a year of tokens", () => {
  test("has every generation of a CI token, each 76 days after the one before it", () => {
    expect(of("builds").map(({ generation, from, until }) => [generation, from, until])).toEqual([
      [1, 0, 90],
      [2, 76, 166],
      [3, 152, 242],
      [4, 228, 318],
      [5, 304, 394],
    ]);
  });

  test("has the second generation of a service's token a month before the first ends", () => {
    expect(of("warmer").map(({ from, until }) => [from, until])).toEqual([
      [0, 365],
      [335, 700],
    ]);
  });

  test("has one generation of a root token, which is due and not made anew", () => {
    expect(of("admin")).toEqual([
      { kind: "root", token: "admin", generation: 1, from: 0, until: 180, rotates: 150 },
    ]);
  });

  test("has two valid generations in the last fourteen days of each, and at no other time", () => {
    expect(overlaps(of("builds")).map(({ from, until }) => [from, until])).toEqual([
      [76, 90],
      [152, 166],
      [228, 242],
      [304, 318],
    ]);
    expect(overlaps(of("admin"))).toEqual([]);
  });
});

test("no bar of the chart goes past its year", () => {
  const { layer = [] } = tokensSpec(year, 365) as { layer?: { data?: { values: { until?: number }[] } }[] };
  const ends = layer.flatMap(({ data }) => data?.values.flatMap(({ until }) => until ?? []) ?? []);
  expect(Math.max(...ends)).toBe(365);
});

import { describe, expect, test } from "vitest";
import { freezeIn, freezesWithin } from "../../../../cli/delivery/freeze-scopes.ts";

const now = new Date("2026-11-21T12:00:00Z");
const by = (reason: string) => ({ DEPLOYMENT_FREEZE: "true", FREEZE_REASON: reason });

describe("what a job sees", () => {
  const scopes = new Map([
    ["production", by("its own")],
    ["prod*", by("a pattern")],
    ["*", by("all")],
  ]);

  test.each([
    ["production", "its own"],
    ["prod-eu", "a pattern"],
    ["staging", "all"],
    ["*", "all"],
  ])("in environment %s: the narrowest of each variable", (environment, reason) => {
    expect(freezeIn(scopes, environment, now)).toMatchObject({ reason });
  });

  test("is put together variable by variable", () => {
    const until = new Map<string, object>([
      ["*", by("all")],
      ["production", { FREEZE_UNTIL: "2026-11-20T00:00Z" }],
    ]);
    expect(freezeIn(until, "production", now)).toBeUndefined();
    expect(freezeIn(until, "staging", now)).toMatchObject({ reason: "all" });
  });
});

test.each([
  ["*", ["production", "review/a", "review.b"]],
  ["review/*", ["review/a"]],
  ["review.b", []],
])("within %s lie the environments that it is a pattern of", (scope, within) => {
  const scopes = new Map(["production", "review/a", "review.b"].map((each) => [each, by("x")]));
  expect(freezesWithin(scopes, scope, now).map((each) => each.scope)).toEqual(within);
});

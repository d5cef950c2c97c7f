import { describe, expect, test } from "vitest";
import type { Settings } from "../../../config/schema/index.ts";
import { stackConfig } from "../../support/settings.ts";

type Tokens = NonNullable<Settings["tokens"]>;
type Grants = NonNullable<Tokens["ci"]>[string]["caches"];

/** What the configuration is refused with; undefined when it is not. */
function refusal(tokens: Tokens, more: Partial<Settings> = {}): string | undefined {
  try {
    stackConfig({ tokens, ...more });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const ci = (caches: Grants, more = {}): Tokens => ({ ci: { images: { caches, ...more } } });

describe("the kinds of tokens", () => {
  test("have the validity and the lead of the rotation plan", () => {
    const caches: Grants = { main: ["pull"] };
    const { tokens } = stackConfig({
      tokens: {
        ci: { a: { caches } },
        readOnly: { b: { caches } },
        service: { c: { caches } },
        root: { d: { caches } },
      },
    });
    const plan = [tokens.ci.a, tokens.readOnly.b, tokens.service.c, tokens.root.d];
    expect(plan.map((token) => [token?.validityDays, token?.rotateBeforeDays, token?.inCluster])).toEqual([
      [90, 14, true],
      [90, 14, true],
      [365, 30, true],
      [180, 30, false],
    ]);
  });

  test("may be valid for less, never for more", () => {
    expect(refusal(ci({ main: ["pull"] }, { validityDays: 30 }))).toBeUndefined();
    expect(refusal(ci({ main: ["pull"] }, { validityDays: 91 }))).toContain("must be at most 90");
  });

  test("rotate no earlier than in the middle, so that no third one is valid", () => {
    expect(refusal(ci({ main: ["pull"] }, { validityDays: 28, rotateBeforeDays: 14 }))).toBeUndefined();
    expect(refusal(ci({ main: ["pull"] }, { validityDays: 27, rotateBeforeDays: 14 }))).toContain(
      "images must rotate at most 13 days before its end",
    );
  });
});

describe("least privilege", () => {
  test.each<[string, Tokens, string]>([
    [
      "a read-only token that pushes",
      { readOnly: { devs: { caches: { main: ["pull", "push"] } } } },
      "devs must not allow push on main: a readOnly token allows pull at most",
    ],
    [
      "a CI token that pushes everywhere",
      ci({ "*": ["pull", "push"] }),
      "images must not allow push on every cache: name them, or a prefix",
    ],
    [
      "a CI token that pushes everywhere, by more stars than one",
      ci({ "**": ["pull", "push"] }),
      "images must not allow push on every cache: name them, or a prefix",
    ],
    [
      "a CI token that destroys caches",
      ci({ main: ["pull", "destroyCache"] }),
      "images must not allow destroyCache on main: a ci token allows pull, push at most",
    ],
    [
      "a service that destroys caches",
      { service: { janitor: { caches: { main: ["delete", "destroyCache"] } } } },
      "janitor must not allow destroyCache on main",
    ],
    [
      "a CI token that pushes and cannot pull, with which no push gets beyond its beginning",
      ci({ main: ["push"] }),
      "images must allow pull on main, too: a push begins by reading the cache's settings, which takes pull",
    ],
    [
      "such a token of a service, by each of its names",
      { service: { warmer: { caches: { main: ["pull", "push"], "dev-*": ["push", "delete"] } } } },
      "warmer must allow pull on dev-*, too",
    ],
    ["a token that allows nothing", ci({}), "must be at least one cache"],
    ["a cache on which nothing is allowed", ci({ main: [] }), "must be at least 1"],
  ])("refuses %s", (_, tokens, message) => {
    expect(refusal(tokens)).toContain(message);
  });

  test("lets root do everything, and everybody pull from everywhere", () => {
    expect(refusal({ root: { admin: { caches: { "*": ["destroyCache"] } } } })).toBeUndefined();
    expect(refusal(ci({ "*": ["pull"] }))).toBeUndefined();
  });

  test("lets a service delete without pulling, and root push so", () => {
    expect(refusal({ service: { janitor: { caches: { main: ["delete"] } } } })).toBeUndefined();
    expect(refusal({ root: { admin: { caches: { main: ["push"] } } } })).toBeUndefined();
  });

  test("tells every token's mistake at once", () => {
    const message = refusal({
      ci: { one: { caches: { "*": ["push"] } }, two: { caches: { main: ["delete"] } } },
      readOnly: { three: { caches: { main: ["push"] } } },
    });
    for (const name of ["one", "two", "three"]) expect(message).toContain(`${name} must not allow`);
  });
});

describe("grants of which one hides another", () => {
  test.each<[string, Grants, string | undefined]>([
    ["an exact name that repeats the pattern's", { "*": ["pull"], main: ["pull", "push"] }, undefined],
    ["an exact name that is left fewer", { "dev-*": ["pull", "push"], "dev-frozen": ["pull"] }, undefined],
    [
      "an exact name that forgets the pattern's",
      { "*": ["pull"], main: ["push"] },
      "images is ambiguous: the narrower of * and main alone counts",
    ],
    ["patterns that mean no cache together", { "a-*": ["pull"], "b-*": ["pull", "push"] }, undefined],
    [
      "patterns that mean some caches together",
      { "team-*": ["pull", "push"], "*-prod": ["pull"] },
      "images is ambiguous: team-* and *-prod both mean some caches",
    ],
    ["such patterns with the same permissions", { "team-*": ["pull"], "*-prod": ["pull"] }, undefined],
  ])("%s", (_, caches, message) => {
    if (message) expect(refusal(ci(caches))).toContain(message);
    else expect(refusal(ci(caches))).toBeUndefined();
  });
});

describe("names", () => {
  test.each(["-main", "_main", "main?", "a/b", "a.b", "m".repeat(51), ""])(
    "of caches that would void the token are refused: %o",
    (name) => {
      expect(refusal(ci({ [name]: ["pull"] }))).toMatch(
        /attic:tokens.ci.images.caches.*\n.*must be a cache's name or a pattern/,
      );
    },
  );

  test("of tokens are keys of a Secret and must each be given once", () => {
    expect(refusal({ ci: { My_Token: { caches: { main: ["pull"] } } } })).toContain(
      "must be a token's name: lower-case letters",
    );
    const same = { a: { caches: { main: ["pull" as const] } } };
    expect(refusal({ ci: same, readOnly: same })).toContain("in two kinds there is: a");
  });

  test("of permissions are told with the nearest", () => {
    expect(refusal(ci({ main: ["pul" as "pull"] }))).toContain("did you mean pull?");
  });
});

describe("a GitLab variable", () => {
  test.each([
    [{ project: "platform/images" }, undefined],
    [{ project: "platform/images", variable: "1ST" }, "a name of letters, digits and _, not beginning"],
    [{ group: "platform" }, undefined],
    [{}, "must name the project or the group"],
    [{ project: "platform/images", group: "platform" }, "must name the project or the group"],
  ])("of %o", (gitlab, message) => {
    const found = refusal(ci({ main: ["pull"] }, { gitlab }));
    if (message) expect(found).toContain(message);
    else expect(found).toBeUndefined();
  });
});

test("more tokens than a Secret holds are refused, unless they are for pipelines alone", () => {
  const many = (count: number, inCluster: boolean): Tokens => {
    const token = { caches: { main: ["pull" as const] }, inCluster };
    return { ci: Object.fromEntries(Array.from({ length: count }, (_, i) => [`token-${i}`, token])) };
  };
  expect(refusal(many(400, true))).toBeUndefined();
  expect(refusal(many(401, true))).toContain("must have at most 400 tokens in the cluster's Secret");
  expect(refusal(many(401, false))).toBeUndefined();
});

test("two tokens for one GitLab variable are refused, as the last one would win", () => {
  const caches: Grants = { main: ["pull"] };
  const token = (environmentScope: string) => ({ caches, gitlab: { group: "platform", environmentScope } });
  expect(refusal({ ci: { a: token("*"), b: token("*") } })).toContain(
    "ATTIC_TOKEN of platform for * is set by a and b",
  );
  expect(refusal({ ci: { a: token("*"), b: token("production") } })).toBeUndefined();
});

describe("a revoked token", () => {
  const fragment = "a".repeat(64);
  const expires = "2027-02-19T08:00:00Z";
  const refused = (entry: object, more: Partial<Settings> = {}) =>
    refusal({ revoked: [{ reason: "leaked", ...entry } as never] }, more);

  test.each<[string, object, string | undefined]>([
    ["by name and generation", { token: "images", generation: 3 }, undefined],
    ["by a piece of it", { fragment, expires }, undefined],
    [
      "by both",
      { token: "images", generation: 3, fragment, expires },
      "entry 1 must have either token or fragment",
    ],
    ["by neither", {}, "entry 1 must have either token or fragment"],
    ["without its generation", { token: "images" }, "entry 1 must say which generation"],
    ["without an end", { fragment }, "entry 1 must say when the token expires"],
    ["by a piece that could be anybody's", { fragment: "abc", expires }, "the first 64 characters"],
    ["with an end that no calendar has", { fragment, expires: "2027-02-31T25:00:00Z" }, "a time in UTC"],
    ["with an end that is no time", { fragment, expires: "next year" }, 'a time in UTC such as "2027'],
  ])("%s", (_, entry, message) => {
    if (message) expect(refused(entry)).toContain(message);
    else expect(refused(entry)).toBeUndefined();
  });

  test("may end at a time without quotes, which Pulumi hands on in Go's notation", () => {
    const revoked = [{ fragment, expires: "2027-02-19 08:00:00 +0000 UTC", reason: "leaked" }];
    expect(stackConfig({ tokens: { revoked } }).tokens.revoked[0]?.expires).toBe(expires);
  });

  test("needs a reason, for whoever reads it next year", () => {
    expect(refused({ token: "images", generation: 3, reason: undefined })).toContain("reason");
  });

  test("needs the ingress, as the server cannot refuse it", () => {
    expect(refused({ token: "images", generation: 3 }, { ingress: { enabled: false } })).toContain(
      "raise tokens.signingKey.generation instead",
    );
  });
});

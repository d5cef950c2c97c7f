import { createPublicKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calendar } from "../../../../components/tokens/calendar.ts";
import { claims, type Grants, type Issue, tokenId } from "../../../../components/tokens/claims.ts";
import { header } from "../../../../components/tokens/jwt.ts";
import { mint } from "../../../../components/tokens/mint.ts";
import {
  idFragment,
  issueOf,
  refusals,
  revokedFragments,
  shapes,
  tokenFragment,
} from "../../../../components/tokens/revocation.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { permissions } from "../../../../config/schema/tokens.ts";
import { spellings } from "../../../edge/tokens/spellings.ts";
import { testKey } from "../../../support/keys.ts";
import { stackConfig } from "../../../support/settings.ts";

type Tokens = NonNullable<Settings["tokens"]>;
type Revoked = NonNullable<Tokens["revoked"]>;

const now = new Date("2026-11-21T08:00:00Z");
const expires = "2027-11-21T08:00:00Z";
const reason = "leaked";

const rulesFor = (revoked: Revoked, at = now, tokens: Tokens = {}) =>
  refusals(stackConfig({ tokens: { ...tokens, revoked } }), at);

/** Whether Traefik's rules refuse a request with these headers: any rule, any header, anywhere in it. */
function refuses(rules: readonly string[]): (...headers: string[]) => boolean {
  const patterns = rules.map((rule) => {
    const [, pattern = ""] = /^HeaderRegexp\(`Authorization`, `([^`]+)`\)$/.exec(rule) ?? [];
    // Of what Go's regular expressions read as JavaScript's do.
    expect(pattern).toMatch(/^[A-Za-z0-9_|\\.-]+$/);
    return new RegExp(pattern);
  });
  return (...headers) => headers.some((value) => patterns.some((pattern) => pattern.test(value)));
}

const json = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A token as the signing key would make it, but for the signature. */
const unsigned = (payload: object) =>
  `${json(header)}.${json(payload)}.${randomBytes(512).toString("base64url")}`;
const basic = (user: string, token: string) => `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
const presented = (token: string, user = "nix") => [`Bearer ${token}`, `bearer ${token}`, basic(user, token)];

const issues: fc.Arbitrary<Issue> = fc.record({
  name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  signingKey: fc.constant(1),
  generation: fc.integer({ min: 1, max: 9999 }),
  issue: fc.integer({ min: 0, max: 9 }),
});
const grants: fc.Arbitrary<Grants> = fc.dictionary(
  fc.stringMatching(/^[a-z*][a-z*-]{0,20}$/),
  fc.subarray([...permissions], { minLength: 1 }),
  { minKeys: 1, maxKeys: 3 },
);
const validities = fc.record({ notBefore: fc.nat(2 ** 31), expires: fc.nat(2 ** 32) });
const kinds = fc.constantFrom("ci", "readOnly", "service", "root");
const issuers = fc.record({ issuer: fc.option(fc.webUrl(), { nil: undefined }) });
/** Anything but a colon, which ends the name. */
const users = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }))
  .map((user) => user.replaceAll(":", ""));
/** What atticadm and the like make: the times before the subject, and no id. */
const foreign = fc
  .record({ exp: fc.nat(2 ** 32), nbf: fc.nat(2 ** 31), sub: fc.string({ minLength: 1 }), grants })
  .map(({ grants, ...times }) => ({ ...times, "https://jwt.attic.rs/v1": { caches: grants } }));

describe("a token that was revoked by name", () => {
  const entry = ({ name, generation, issue }: Issue) => ({ token: name, generation, issue, reason });

  test("is refused, whatever it allows, until when, and under any user's name", () => {
    fc.assert(
      fc.property(
        issues,
        kinds,
        grants,
        validities,
        issuers,
        users,
        (issue, kind, grants, validity, jwt, user) => {
          const token = unsigned(claims(issue, kind, grants, validity, jwt));
          const refused = refuses(rulesFor([entry(issue)]));
          for (const value of presented(token, user)) expect(refused(value), value).toBe(true);
        },
      ),
    );
  });

  test.each(["name", "generation", "issue"] as const)("is refused alone: of another %s none is", (field) => {
    fc.assert(
      fc.property(issues, issues, grants, validities, users, (one, drawn, grants, validity, user) => {
        fc.pre(one[field] !== drawn[field]);
        const other = { ...one, [field]: drawn[field] };
        const refused = refuses(rulesFor([entry(one)]));
        const token = unsigned(claims(other, "ci", grants, validity, {}));
        for (const value of presented(token, user)) expect(refused(value), value).toBe(false);
      }),
    );
  });

  test("has another in its place at once, which is taken", async () => {
    const declared: Tokens = { ci: { images: { caches: { main: ["pull", "push"] } } } };
    const made = async (revoked: Revoked) => {
      const config = stackConfig({ tokens: { ...declared, revoked } });
      const entries = calendar(config, now, { key: now.toISOString(), roots: {} });
      const [token] = await mint(config, entries, testKey("revocation").privateKeyPem);
      return token?.secret as string;
    };
    const revoked = [{ token: "images", generation: 1, reason }];
    const [before, after] = [await made([]), await made(revoked)];
    const refused = refuses(rulesFor(revoked));
    expect(presented(before).map((value) => refused(value))).toEqual([true, true, true]);
    expect(presented(after).map((value) => refused(value))).toEqual([false, false, false]);
  });

  test("is refused for as long as the entry stands, or until the time that it says", () => {
    const revoked = { token: "images", generation: 1, reason };
    const century = new Date("2126-11-21T08:00:00Z");
    expect(rulesFor([revoked], century)).toHaveLength(4);
    expect(rulesFor([{ ...revoked, expires }], new Date("2027-11-21T07:59:59Z"))).toHaveLength(4);
    expect(rulesFor([{ ...revoked, expires }], new Date(expires))).toEqual([]);
  });

  test("is one of the present signing key, as those of the one before are void without a rule", () => {
    const fragments = (generation: number) =>
      revokedFragments(
        stackConfig({
          tokens: { signingKey: { generation }, revoked: [{ token: "images", generation: 1, reason }] },
        }),
        now,
      );
    const id = (signingKey: number) => tokenId({ name: "images", signingKey, generation: 1, issue: 0 });
    expect(fragments(1)).toEqual([idFragment(id(1))]);
    expect(fragments(2)).toEqual([idFragment(id(2))]);
    expect(id(1)).not.toBe(id(2));
  });
});

describe("a token that was revoked by a piece of it", () => {
  test("is refused under any user's name, and no other is", () => {
    fc.assert(
      fc.property(foreign, foreign, users, (payload, other, user) => {
        fc.pre(payload.exp !== other.exp || payload.nbf !== other.nbf);
        const token = unsigned(payload);
        const refused = refuses(rulesFor([{ fragment: tokenFragment(token), expires, reason }]));
        for (const value of presented(token, user)) expect(refused(value), value).toBe(true);
        for (const value of presented(unsigned(other), user)) expect(refused(value), value).toBe(false);
      }),
    );
  });

  test("can be one of the stack's own, too", () => {
    fc.assert(
      fc.property(issues, kinds, grants, validities, users, (issue, kind, grants, validity, user) => {
        const fragment = tokenFragment(unsigned(claims(issue, kind, grants, validity, {})));
        const refused = refuses(rulesFor([{ fragment, expires, reason }]));
        // Minted again with other permissions it has another signature, and is the same token.
        const again = unsigned(claims(issue, kind, { all: ["pull"] }, validity, {}));
        for (const value of presented(again, user)) expect(refused(value), value).toBe(true);
      }),
    );
  });

  test("shows nobody enough of it to use it: the signature is not in it", () => {
    const token = unsigned({ exp: 1_858_352_085, nbf: 1_795_236_885, sub: "alice", grants: "…" });
    const [, payload, signature = ""] = token.split(".");
    expect(payload?.startsWith(tokenFragment(token))).toBe(true);
    expect(tokenFragment(token)).toHaveLength(64);
    expect(JSON.stringify(rulesFor([{ fragment: tokenFragment(token), expires, reason }]))).not.toContain(
      signature.slice(0, 8),
    );
  });

  test("is refused until it ends by itself", () => {
    const fragment = tokenFragment(unsigned({ exp: 1_858_352_085, nbf: 1_795_236_885, sub: "alice" }));
    const rules = (at: string) => rulesFor([{ fragment, expires, reason }], new Date(at));
    expect(rules("2027-11-21T07:59:59Z")).toHaveLength(4);
    expect(rules("2027-11-21T08:00:00Z")).toEqual([]);
  });
});

describe("a piece of a token", () => {
  const three = "this is no token: a token is three parts of letters, digits, - and _ with dots between them";
  const cannotTell = "this token cannot be told from others";
  const signature = "s".repeat(683);

  test.each([
    ["nothing", ""],
    ["a word", "token"],
    ["two parts", "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJh"],
    ["four parts", "a.b.c.d"],
    ["an empty part", `${json(header)}..${signature}`],
    ["an authorization header", `Bearer ${unsigned({ jti: "0".repeat(32) })}`],
    ["padding", `${unsigned({ jti: "0".repeat(32) })}=`],
    ["a newline at its end", `${unsigned({ jti: "0".repeat(32) })}\n`],
    ["the standard alphabet of base64", `${json(header)}.${json({ jti: "0".repeat(32) })}.a+/b`],
  ])("is not made of %s", (_, text) => {
    expect(() => tokenFragment(text)).toThrow(three);
  });

  test.each([
    ["no claims", {}],
    ["its grants first", { "https://jwt.attic.rs/v1": { caches: { main: { r: 1 } } }, exp: 1, nbf: 2 }],
    ["its subject first", { sub: "a team of the platform group", exp: 1_858_352_085, nbf: 1_795_236_885 }],
    [
      "an end alone, which others may share",
      { exp: 1_858_352_085, sub: "alice", aud: ["one", "two", "three"] },
    ],
    ["a short id", { jti: "1", sub: "alice", "https://jwt.attic.rs/v1": { caches: { main: { r: 1 } } } }],
  ])("is not made of a token that begins with %s", (_, payload) => {
    expect(() => tokenFragment(unsigned(payload))).toThrow(cannotTell);
  });

  test.each([
    ["its id", { jti: "0123456789abcdef", sub: "alice", aud: ["one", "two"] }],
    ["its end and when it begins", { exp: 1_858_352_085, nbf: 1_795_236_885, sub: "alice" }],
    ["its end and when it was made", { iat: 1_795_236_885, exp: 1_858_352_085, sub: "alice" }],
  ])("is made of a token that begins with %s", (_, payload) => {
    const token = unsigned(payload);
    expect(token.split(".")[1]?.startsWith(tokenFragment(token))).toBe(true);
  });

  test("of a name is the payload up to the end of the id, which is 124 bits of it", () => {
    const id = "0123456789abcdef0123456789abcdef";
    expect(Buffer.from(idFragment(id), "base64url").toString()).toBe(
      '{"jti":"0123456789abcdef0123456789abcde',
    );
  });

  test("appears in base64 in one of three ways, of characters that no regular expression takes for signs", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{52,64}$/), fc.uint8Array(), (fragment, before) => {
        const [plain, ...behind] = shapes(fragment);
        const text = Buffer.concat([before, Buffer.from(`${plain}.more`)]).toString("base64");
        expect(behind.filter((shape) => text.includes(shape))).toEqual([
          behind[(3 - (before.length % 3)) % 3],
        ]);
        for (const shape of behind) expect(shape).toMatch(/^[A-Za-z0-9]+$/);
      }),
    );
  });
});

describe("however somebody who holds a revoked token writes it", async () => {
  const key = testKey("spellings");
  const config = stackConfig({ tokens: { ci: { images: { caches: { main: ["pull", "push"] } } } } });
  const entries = calendar(config, now, { key: now.toISOString(), roots: {} });
  const [minted] = await mint(config, entries, key.privateKeyPem);
  const token = minted?.secret as string;
  const rows = spellings(token, createPublicKey(key.publicKeyPem)).filter(({ taken }) => taken);

  test.each(rows)("if the server would take it, it is refused: $what", ({ headers }) => {
    expect(refuses(rulesFor([{ token: "images", generation: 1, reason }]))(...headers)).toBe(true);
    expect(refuses(rulesFor([{ fragment: tokenFragment(token), expires, reason }]))(...headers)).toBe(true);
    expect(refuses(rulesFor([{ token: "images", generation: 2, reason }]))(...headers)).toBe(false);
  });
});

test("of 100,000 tokens that nobody revoked, none is refused for 100 that were", { timeout: 120_000 }, () => {
  const nth = (index: number) => ({ name: "images", signingKey: 1, generation: index + 1, issue: 0 });
  const validity = { notBefore: 1_795_236_885, expires: 1_803_012_885 };
  const made = (index: number) => unsigned(claims(nth(index), "ci", { main: ["push"] }, validity, {}));
  const half = Array.from({ length: 50 }, (_, index) => index);
  const refused = refuses(
    rulesFor([
      ...half.map((index) => ({ token: "images", generation: index + 1, reason })),
      ...half.map((index) => ({ fragment: tokenFragment(made(50 + index)), expires, reason })),
    ]),
  );
  for (let index = 0; index < 100; index++) expect(refused(`Bearer ${made(index)}`)).toBe(true);
  let wrongly = 0;
  for (let index = 100; index < 100_100; index++) {
    const token = made(index);
    if (refused(`Bearer ${token}`, basic("", token), basic("a", token), basic("ab", token))) wrongly++;
  }
  expect(wrongly).toBe(0);
});

describe("the rules", () => {
  test("are none where nothing is revoked", () => {
    expect(rulesFor([])).toEqual([]);
  });

  test("are four, however many tokens are revoked, and name each token once", () => {
    const entry = (generation: number) => ({ token: "images", generation, reason });
    const hundred = Array.from({ length: 100 }, (_, index) => entry(index + 1));
    expect(rulesFor(hundred)).toHaveLength(4);
    expect(rulesFor([...hundred, ...hundred])).toEqual(rulesFor(hundred));
  });

  test("are the same whatever the order of the entries", () => {
    const entries = ["a", "b", "c", "d"].map((token) => ({ token, generation: 1, reason }));
    expect(rulesFor(entries.toReversed())).toEqual(rulesFor(entries));
  });

  test("look for the payload behind its dot, and nowhere else", () => {
    const fragment = "a".repeat(64);
    const refused = refuses(rulesFor([{ fragment, expires, reason }]));
    expect([refused(`Bearer .${fragment}`), refused(`Bearer a${fragment}`)]).toEqual([true, false]);
  });

  test("begin alike for all tokens, which is what makes them quick", () => {
    const tokens = [
      unsigned({ jti: "0123456789abcdef0123456789abcdef", sub: "ci/images" }),
      unsigned({ exp: 1_858_352_085, nbf: 1_795_236_885, sub: "alice" }),
    ];
    const rules = rulesFor(tokens.map((token) => ({ fragment: tokenFragment(token), expires, reason })));
    const trunks = rules.map((rule) => {
      const [one = "", other = ""] = (/`([^`]+)`\)$/.exec(rule)?.[1] ?? "").split("|");
      return [...one].findIndex((char, index) => char !== other[index]);
    });
    // In base64, two characters of six bits each; plain, a dot and what every JSON object begins with.
    expect(Math.min(...trunks)).toBeGreaterThanOrEqual(2);
  });
});

describe("the issue that is minted", () => {
  const issue = (revoked: Revoked) =>
    issueOf(stackConfig({ tokens: { revoked } }), { name: "images", generation: 3 });
  const gone = (issue: number) => ({ token: "images", generation: 3, issue, reason });

  test("is the first that was not revoked", () => {
    expect(issue([])).toBe(0);
    expect(issue([gone(0)])).toBe(1);
    expect(issue([gone(1), gone(0)])).toBe(2);
    expect(issue([gone(1)])).toBe(0);
  });

  test("does not go back when an entry has expired: the token may be in use", () => {
    expect(issue([{ ...gone(0), expires: "2026-01-01T00:00:00Z" }])).toBe(1);
  });

  test("does not follow from what happened to other names, generations, or pieces", () => {
    const elsewhere = [
      { token: "other", generation: 3, reason },
      { token: "images", generation: 2, reason },
      { fragment: "a".repeat(64), expires, reason },
    ];
    expect(issue(elsewhere)).toBe(0);
  });
});

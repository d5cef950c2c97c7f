import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claims, type Grants, grantsClaim, letters, tokenId } from "../../../../components/tokens/claims.ts";
import { permissions } from "../../../../config/schema/tokens.ts";

const issue = { name: "gitlab-main", signingKey: 1, generation: 3, issue: 0 };
const validity = { notBefore: 1_795_236_885, expires: 1_803_012_885 };
const of = (grants: Grants, jwt: { issuer?: string; audiences?: string[] } = {}) =>
  claims(issue, "ci", grants, validity, jwt);

describe("the claims of a token", () => {
  test("are what the server reads, and nothing that it does not know", () => {
    expect(of({ main: ["pull", "push"] })).toEqual({
      jti: tokenId(issue),
      sub: "ci/gitlab-main",
      iat: 1_795_236_885,
      nbf: 1_795_236_885,
      exp: 1_803_012_885,
      "https://jwt.attic.rs/v1": { caches: { main: { r: 1, w: 1 } } },
    });
  });

  test("write every permission as the server does", () => {
    expect(of({ "dev-*": permissions })[grantsClaim].caches).toEqual({
      "dev-*": { r: 1, w: 1, d: 1, cc: 1, cr: 1, cq: 1, cd: 1 },
    });
    expect(Object.keys(letters)).toEqual([...permissions]);
  });

  test("name the issuer and the audiences where the server asks for them, and only there", () => {
    const bound = of({ main: ["pull"] }, { issuer: "https://gitlab.example.com", audiences: ["attic"] });
    expect(bound).toMatchObject({ iss: "https://gitlab.example.com", aud: ["attic"] });
    expect(of({ main: ["pull"] })).not.toHaveProperty("iss");
    expect(of({ main: ["pull"] })).not.toHaveProperty("aud");
  });

  test("list exact names before patterns, and narrow patterns before wide ones", () => {
    const grants: Grants = { "*": ["pull"], "dev-*": ["pull"], "dev-a-*": ["pull"], main: ["pull"] };
    expect(Object.keys(of(grants)[grantsClaim].caches)).toEqual(["main", "dev-a-*", "dev-*", "*"]);
  });

  test("begin with the id, which revocation looks for there", () => {
    expect(Object.keys(of({ main: ["pull"] }))[0]).toBe("jti");
    expect(tokenId(issue)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("do not depend on the order in which grants and permissions were written", () => {
    const one = of({ main: ["push", "pull"], dev: ["pull"] });
    const other = of({ dev: ["pull"], main: ["pull", "push"] });
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });
});

describe("the id", () => {
  const anyIssue = fc.record({
    name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
    signingKey: fc.integer({ min: 1, max: 99 }),
    generation: fc.integer({ min: 1, max: 9999 }),
    issue: fc.integer({ min: 0, max: 99 }),
  });

  test.each(["name", "signingKey", "generation", "issue"] as const)(
    "is another for another %s alone",
    (field) => {
      fc.assert(
        fc.property(anyIssue, anyIssue, (one, drawn) => {
          fc.pre(one[field] !== drawn[field]);
          expect(tokenId({ ...one, [field]: drawn[field] })).not.toBe(tokenId(one));
        }),
      );
    },
  );

  test("is the same for the same key, name, generation and issue", () => {
    fc.assert(
      fc.property(anyIssue, (one) => {
        expect(tokenId({ ...one })).toBe(tokenId(one));
      }),
    );
  });
});

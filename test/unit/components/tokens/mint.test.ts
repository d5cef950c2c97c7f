import { createPublicKey } from "node:crypto";
import fc from "fast-check";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { calendar } from "../../../../components/tokens/calendar.ts";
import { grantsClaim } from "../../../../components/tokens/claims.ts";
import { type MintedToken, mint } from "../../../../components/tokens/mint.ts";
import { namesInCluster, published, rotationAnnotations } from "../../../../components/tokens/published.ts";
import { calendarRules } from "../../../../components/tokens/watch.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { testKey } from "../../../support/keys.ts";
import { stackConfig } from "../../../support/settings.ts";

type Tokens = NonNullable<Settings["tokens"]>;

const key = testKey("mint");
const made = "2026-11-21T08:00:00.000Z";
const day = 86_400_000;
const after = (days: number) => new Date(Date.parse(made) + days * day);

const declared: Tokens = {
  ci: { "gitlab-main": { caches: { main: ["pull", "push"], "dev-*": ["pull"] } } },
  readOnly: { developers: { caches: { "*": ["pull"] } } },
  service: { warmer: { caches: { main: ["pull", "push"] } } },
  root: { admin: { caches: { "*": ["pull", "push", "destroyCache"] } } },
};

const at = (days: number, tokens: Tokens = declared, pem = key.privateKeyPem) => {
  const config = stackConfig({ tokens });
  return mint(config, calendar(config, after(days), { key: made, roots: { admin: made } }), pem);
};

describe("a minted token", () => {
  test("is taken by another JWT library, with RS256 and the public key, from its first second on", async () => {
    for (const { secret, current } of await at(0)) {
      const verified = jsonwebtoken.verify(secret, createPublicKey(key.publicKeyPem), {
        algorithms: ["RS256"],
        clockTimestamp: current.notBefore,
        clockTolerance: 0,
        complete: true,
      });
      expect(verified.header).toEqual({ alg: "RS256", typ: "JWT" });
    }
  });

  test("is refused a second after its end, and under another key", async () => {
    const [{ secret, current }] = (await at(0)) as [MintedToken, ...MintedToken[]];
    const verify = (time: number, pem: string) => () =>
      jsonwebtoken.verify(secret, pem, { algorithms: ["RS256"], clockTimestamp: time });
    expect(verify(current.expires - 1, key.publicKeyPem)).not.toThrow();
    expect(verify(current.expires, key.publicKeyPem)).toThrow("jwt expired");
    expect(verify(current.expires - 1, testKey("another").publicKeyPem)).toThrow("invalid signature");
  });

  test("allows what was declared", async () => {
    const all = await at(0);
    const grants = Object.fromEntries(
      all.map(({ name, secret }) => [
        name,
        jsonwebtoken.decode(secret, { json: true })?.[grantsClaim].caches,
      ]),
    );
    expect(grants).toEqual({
      "gitlab-main": { main: { r: 1, w: 1 }, "dev-*": { r: 1 } },
      developers: { "*": { r: 1 } },
      warmer: { main: { r: 1, w: 1 } },
      admin: { "*": { r: 1, w: 1, cd: 1 } },
    });
  });

  test("is the same to the byte for the same arguments, whenever in its generation it is minted", async () => {
    const days = fc.integer({ min: 0, max: 75 });
    const first = await at(0);
    await fc.assert(
      fc.asyncProperty(days, async (day) => {
        expect((await at(day)).map(({ secret }) => secret)).toEqual(first.map(({ secret }) => secret));
      }),
      { numRuns: 10 },
    );
  });

  test("is another one when its permissions, its key, or the issuer change", async () => {
    const secretOf = async (...args: Parameters<typeof at>) => (await at(...args))[0]?.secret;
    const before = await secretOf(0);
    const fewer: Tokens = { ci: { "gitlab-main": { caches: { main: ["pull"] } } } };
    expect(await secretOf(0, fewer)).not.toBe(before);
    expect(await secretOf(0, declared, testKey("another").privateKeyPem)).not.toBe(before);
  });
});

describe("at rotation", () => {
  test("the new token comes with the old one beside it, which is the one that clients hold", async () => {
    const [before] = await at(75);
    const [rotated] = await at(77);
    expect(rotated?.secret).not.toBe(before?.secret);
    expect(rotated?.previousSecret).toBe(before?.secret);
    const [later] = await at(91);
    expect(later?.secret).toBe(rotated?.secret);
    expect(later).not.toHaveProperty("previousSecret");
  });

  test("a root token stays as it is, however late it is, until its generation is raised", async () => {
    const root = async (days: number, generation = 1, asked = made) => {
      const config = stackConfig({
        tokens: { root: { admin: { caches: { "*": ["pull"] }, generation } } },
      });
      const entries = calendar(config, after(days), { key: made, roots: { admin: asked } });
      return (await mint(config, entries, key.privateKeyPem))[0];
    };
    expect((await root(500))?.secret).toBe((await root(0))?.secret);
    const raised = await root(500, 2, after(500).toISOString());
    expect(raised?.secret).not.toBe((await root(0))?.secret);
    expect(raised?.current).toMatchObject({ number: 2, issued: after(500).getTime() / 1000 });
  });

  test("a token that was revoked by name gets another id in the same generation", async () => {
    const revoked = [{ token: "gitlab-main", generation: 1, reason: "leaked" }];
    const [before] = await at(10);
    const [reissued] = await at(10, { ...declared, revoked });
    expect(reissued?.current).toEqual({ ...before?.current, issue: 1 });
    expect(reissued?.secret).not.toBe(before?.secret);
    const again = [...revoked, { token: "gitlab-main", generation: 1, issue: 1, reason: "leaked again" }];
    expect((await at(10, { ...declared, revoked: again }))[0]?.current.issue).toBe(2);
    // The next generation is not concerned; the one before it is the one that took the revoked one's place.
    const [rotated] = await at(77, { ...declared, revoked });
    expect(rotated?.current).toMatchObject({ number: 2, issue: 0 });
    expect(rotated?.previousSecret).toBe(reissued?.secret);
  });
});

describe("the Secret of the cluster", () => {
  test("has one JSON for each token, and none for root", async () => {
    expect(namesInCluster(stackConfig({ tokens: declared }))).toEqual([
      "gitlab-main",
      "developers",
      "warmer",
    ]);
    const asked: Tokens = { root: { admin: { caches: { "*": ["pull"] }, inCluster: true } } };
    expect(namesInCluster(stackConfig({ tokens: asked }))).toEqual(["admin"]);
  });

  test("says of a token what it is, what it allows and until when", async () => {
    const [token] = await at(77);
    expect(token && published(token)).toEqual({
      kind: "ci",
      generation: 2,
      issue: 0,
      secret: token?.secret,
      caches: { main: ["pull", "push"], "dev-*": ["pull"] },
      permissions: ["pull", "push"],
      issued: "2027-02-05T08:00:00Z",
      expires: "2027-05-06T07:50:00Z",
      rotates: "2027-04-22T08:00:00Z",
      previous: {
        generation: 1,
        issue: 0,
        secret: token?.previousSecret,
        expires: "2027-02-19T07:50:00Z",
      },
    });
  });

  test("is annotated with the last rotation and the next one of what is in it", () => {
    const config = stackConfig({ tokens: declared });
    const moments = { key: made, roots: { admin: "2020-01-01T00:00:00.000Z" } };
    expect(rotationAnnotations(calendar(config, after(77), moments))).toEqual({
      "attic.pulumi/rotated": "2027-02-05T08:00:00Z",
      "attic.pulumi/rotates": "2027-04-22T08:00:00Z",
    });
  });
});

test("Prometheus is told of every token's end and rotation, as constants", () => {
  const config = stackConfig({ tokens: { ci: declared.ci } });
  const entries = calendar(config, after(77), { key: made, roots: {} });
  const labels = { namespace: "nix-cache", token: "gitlab-main", kind: "ci", generation: "2" };
  expect(calendarRules(config, entries)).toEqual({
    name: "attic-tokens",
    rules: [
      { record: "attic_token_expiry_timestamp_seconds", expr: "vector(1809589800)", labels },
      { record: "attic_token_rotation_due_timestamp_seconds", expr: "vector(1808380800)", labels },
    ],
  });
});

import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grantsClaim } from "../../../../components/tokens/claims.ts";
import { signingKey } from "../../../../components/tokens/jwt.ts";
import { seconds } from "../../../../components/tokens/rotation.ts";
import { testKey } from "../../../support/keys.ts";
import { after, everyKind, type How, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(77);
});
afterEach(() => project.remove());

const inspect = (stdin: string, args: string[] = [], how: How = {}) =>
  project.run(["tokens", "inspect", "-", ...args], { day: 78, stdin, ...how });
const json = async (stdin: string, how: How = {}) => (await inspect(stdin, ["--json"], how)).json();
const secretOf = (name: string) => project.deployed().tokens[name]?.secret as string;
const previousOf = (name: string) => project.deployed().tokens[name]?.previous?.secret as string;

const good = {
  sub: "alice",
  exp: seconds(after(200)),
  [grantsClaim]: { caches: { main: { r: 1, w: 1 } } },
};

/** A token with these claims, signed with the stack's key. */
const signed = (claims: object, header: object = {}, key = project.key) =>
  new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", ...header })
    .sign(signingKey(key.privateKeyPem));

describe("atticctl tokens inspect", () => {
  test("tells all of a token of the stack's own, and exits with 0 as it is taken", async () => {
    const { code, stdout } = await inspect(secretOf("warmer"));
    expect(code).toBe(0);
    const lines = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(lines).toEqual([
      ["stack test takes this token"],
      [""],
      ["token", "warmer@1, the current one"],
      ["subject", '"service/warmer"'],
      ["id", expect.stringMatching(/^"[0-9a-f]{32}"$/)],
      ["signature", "valid under the stack's key"],
      ["valid from", "2026-11-21 07:50 UTC (78 d ago)"],
      ["expires", "2027-11-21 07:50 UTC (in 286 d)"],
      ["allows", "main: pull, push"],
      ["dev-*: pull"],
      [""],
    ]);
  });

  test("tells the same as JSON, and nothing that is secret", async () => {
    const { stdout, stderr, json } = await inspect(secretOf("warmer"), ["--json"]);
    expect(json()).toEqual({
      accepted: true,
      signature: "valid",
      subject: "service/warmer",
      id: expect.any(String),
      validFrom: "2026-11-21T07:50:00Z",
      expires: "2027-11-21T07:50:00Z",
      known: { name: "warmer", generation: 1, issue: 0, place: "current", exact: true },
      revoked: false,
      allows: [
        { caches: "main", permissions: ["pull", "push"] },
        { caches: "dev-*", permissions: ["pull"] },
      ],
      remarks: [],
      refusals: [],
    });
    for (const secret of project.secrets()) expect(stdout + stderr).not.toContain(secret);
  });

  test("knows the current one, the one before it, and what another took the place of", async () => {
    const [current, previous] = [secretOf("gitlab-main"), previousOf("gitlab-main")];
    const place = async (jwt: string) => (await json(jwt)).known;
    expect(await place(current)).toMatchObject({ generation: 2, place: "current", exact: true });
    expect(await place(previous)).toMatchObject({ generation: 1, place: "previous", exact: true });

    project.declare({ ...everyKind, ci: { "gitlab-main": { caches: { main: ["pull"] } } } });
    await project.update(78);
    expect(await place(current)).toMatchObject({ generation: 2, place: "current", exact: false });

    project.declare({ ...everyKind, revoked: [{ token: "gitlab-main", generation: 2, reason: "leaked" }] });
    await project.update(79);
    expect(await place(secretOf("gitlab-main"))).toMatchObject({ generation: 2, issue: 1, place: "current" });
    expect(await place(current)).toMatchObject({ generation: 2, issue: 0, place: "superseded" });

    await project.update(160);
    expect(await place(previous)).toMatchObject({ generation: 1, place: "superseded" });
    expect(await place(await signed({ jti: "of-nobody" }))).toBeNull();
  });

  test("tells what is revoked in the file, whether the update ran or not", async () => {
    const jwt = secretOf("gitlab-main");
    project.declare({ ...everyKind, revoked: [{ token: "gitlab-main", generation: 2, reason: "leaked" }] });
    const { code, stdout } = await inspect(jwt);
    expect(code).toBe(4);
    expect(stdout).toContain("stack test refuses this token\n  it is revoked in the stack's file");
    expect(await json(jwt)).toMatchObject({ accepted: false, revoked: true, refusals: [] });
    expect(await json(previousOf("gitlab-main"))).toMatchObject({ accepted: true, revoked: false });
  });

  const claim = (caches: unknown) => ({ [grantsClaim]: { caches } });
  test.each<[string, object, string]>([
    [
      "one that has expired this very second",
      { exp: seconds(after(78)) },
      "it expired at 2027-02-07 08:00 UTC",
    ],
    ["one of tomorrow", { nbf: seconds(after(79)) }, "it is not valid before 2027-02-08 08:00 UTC"],
    [
      "one made in the future, by a second",
      { iat: seconds(after(78)) + 1 },
      "it was made in the future, at 2027-02-07 08:00 UTC",
    ],
    ["a time that is none", { exp: "tomorrow" }, "its exp is no time"],
    [
      "one without the claim",
      { [grantsClaim]: undefined },
      `it lacks the claim ${grantsClaim} with its caches`,
    ],
    ["one without caches", { [grantsClaim]: {} }, `it lacks the claim ${grantsClaim} with its caches`],
    [
      "a pattern that the server cannot read",
      claim({ main: { r: 1 }, "dev?": { r: 1 } }),
      '"dev?" is no cache\'s name or pattern, which voids all of it',
    ],
    [
      "a name that is too long",
      claim({ ["a".repeat(51)]: { r: 1 } }),
      `${JSON.stringify("a".repeat(51))} is no cache's name or pattern, which voids all of it`,
    ],
    [
      "true instead of 1",
      claim({ main: { r: true } }),
      "pull on main is true and not 0 or 1, which voids all of it",
    ],
    ["2 instead of 1", claim({ main: { w: 2 } }), "push on main is 2 and not 0 or 1, which voids all of it"],
    [
      "a list of permissions",
      claim({ main: ["r"] }),
      "what it says of main is no object, which voids all of it",
    ],
  ])("refuses %s as the server does, and says why", async (_what, claims, reason) => {
    const jwt = await signed(claims);
    expect(await json(jwt)).toMatchObject({ accepted: false, signature: "valid", refusals: [reason] });
    const { code, stdout } = await inspect(jwt);
    expect(code).toBe(4);
    expect(stdout).toContain(`stack test refuses this token\n  ${reason}\n`);
  });

  test.each<[string, object]>([
    ["no times at all", { exp: undefined, sub: undefined }],
    ["a second left", { exp: seconds(after(78)) + 1 }],
    ["validity from this very second", { nbf: seconds(after(78)), iat: seconds(after(78)) }],
    [
      "a permission of 0, and a letter that the server does not know",
      claim({ main: { r: 1, w: 0, x: true } }),
    ],
    ["an issuer that nobody asks for", { iss: "whoever" }],
  ])("takes %s, as the server does", async (_what, claims) => {
    expect(await json(await signed(claims))).toMatchObject({ accepted: true, refusals: [] });
  });

  test("says never of a token without an end", async () => {
    expect((await inspect(await signed({ exp: undefined }))).stdout).toMatch(/expires +never\n/);
  });

  test("refuses another algorithm and another key, and then knows nothing of the token", async () => {
    const { jti } = JSON.parse(
      Buffer.from(secretOf("admin").split(".")[1] as string, "base64url").toString(),
    );
    const forged = await signed({ jti }, {}, testKey("elsewhere"));
    expect(await json(forged)).toMatchObject({
      signature: "invalid",
      known: null,
      refusals: ["the stack's key did not sign it"],
    });
    const other = await signed({}, { alg: "RS512" });
    expect((await json(other)).refusals).toEqual([
      'its header says "RS512" and not RS256',
      "the stack's key did not sign it",
    ]);
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${other.split(".")[1]}.`;
    expect((await json(none)).refusals[0]).toBe('its header says "none" and not RS256');
  });

  test("wants the issuer and the audience that the server is bound to", async () => {
    project.declare(everyKind, { server: { jwt: { issuer: "us", audiences: ["attic", "nix"] } } });
    expect((await json(await signed({ iss: "them", aud: "other" }))).refusals).toEqual([
      'its issuer is "them" and not us',
      'its audience is "other" and not attic or nix',
    ]);
    expect((await json(await signed({}))).refusals).toEqual([
      "its issuer is missing and not us",
      "its audience is missing and not attic or nix",
    ]);
    for (const aud of ["nix", ["x", "attic"]]) {
      expect(await json(await signed({ iss: "us", aud }))).toMatchObject({ accepted: true });
    }
  });

  test("remarks on what counts for nothing: exact names go first, then the first pattern that fits", async () => {
    const jwt = await signed(claim({ "*": { r: 1 }, "dev-*": { r: 1, w: 1 }, main: { cd: 1 } }));
    const { allows, remarks } = await json(jwt);
    expect(allows).toEqual([
      { caches: "main", permissions: ["destroyCache"] },
      { caches: "*", permissions: ["pull"] },
      { caches: "dev-*", permissions: ["pull", "push"] },
    ]);
    expect(remarks).toEqual(["dev-* counts for nothing: * before it means the same caches"]);
    expect((await json(await signed(claim({ main: {} })))).remarks).toEqual(["it allows nothing"]);
  });

  test("looks as from another time with --at", async () => {
    const jwt = secretOf("developers");
    expect((await inspect(jwt)).code).toBe(0);
    const later = await inspect(jwt, ["--at", "2027-05-07"]);
    expect(later.code).toBe(4);
    expect(later.stdout).toContain("it expired at 2027-05-06 07:50 UTC");
  });

  test("says that something is no token without repeating it", async () => {
    for (const text of ["hunter2", "a.b.c", `${secretOf("warmer")}.x`, "{}.{}.{}"]) {
      const { code, stdout, stderr } = await inspect(text);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("error: this is no token");
      expect(stderr).not.toContain(text.slice(0, 30));
    }
  });
});

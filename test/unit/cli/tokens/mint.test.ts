import jsonwebtoken from "jsonwebtoken";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grantsClaim } from "../../../../components/tokens/claims.ts";
import { tokenFragment } from "../../../../components/tokens/revocation.ts";
import { seconds } from "../../../../components/tokens/rotation.ts";
import { testKey } from "../../../support/keys.ts";
import { after, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(0);
});
afterEach(() => project.remove());

const mint = (...args: string[]) => project.run(["tokens", "mint", ...args], { day: 1 });
const now = seconds(after(1));

describe("atticctl tokens mint", () => {
  test("prints a token that the server takes from now until its end, and that allows what was said", async () => {
    const { code, stdout } = await mint(
      "--sub",
      "alice",
      "--validity",
      "2h",
      "--pull",
      "main",
      "--push",
      "main",
      "--pull",
      "dev-*",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = jsonwebtoken.verify(stdout.trim(), project.key.publicKeyPem, {
      algorithms: ["RS256"],
      clockTimestamp: now,
      clockTolerance: 0,
    });
    expect(claims).toEqual({
      jti: expect.stringMatching(/^adhoc-[0-9a-f]{32}$/),
      sub: "adhoc/alice",
      iat: now - 600,
      nbf: now - 600,
      exp: now + 7_200,
      [grantsClaim]: { caches: { main: { r: 1, w: 1 }, "dev-*": { r: 1 } } },
    });
  });

  test("takes all that atticadm takes, and is as long valid as it is told", async () => {
    const { stdout } = await mint(
      ...["--sub", "ops", "--root", "--long", "--validity", "7d"],
      ...[
        "pull",
        "push",
        "delete",
        "create-cache",
        "configure-cache",
        "configure-cache-retention",
        "destroy-cache",
      ].flatMap((permission) => [`--${permission}`, "*"]),
    );
    const claims = jsonwebtoken.decode(stdout.trim(), { json: true });
    expect(claims?.[grantsClaim]).toEqual({
      caches: { "*": { r: 1, w: 1, d: 1, cc: 1, cr: 1, cq: 1, cd: 1 } },
    });
    expect(claims?.exp).toBe(now + 7 * 86_400);
  });

  test("is bound to the issuer and the audience that the server asks for", async () => {
    project.declare({}, { server: { jwt: { issuer: "us", audiences: ["attic"] } } });
    const { stdout } = await mint("--sub", "alice", "--pull", "main");
    expect(jsonwebtoken.decode(stdout.trim(), { json: true })).toMatchObject({ iss: "us", aud: ["attic"] });
  });

  test("can be revoked: two of the same moment differ where the ingress looks", async () => {
    const [one, other] = await Promise.all([0, 1].map(() => mint("--sub", "alice", "--pull", "main")));
    expect(tokenFragment(one?.stdout.trim() ?? "")).not.toBe(tokenFragment(other?.stdout.trim() ?? ""));
  });

  test("says on standard error what it is, and that nobody has a record of it", async () => {
    const { stdout, stderr } = await mint("--sub", "alice", "--pull", "main");
    expect(stderr).toBe(
      "adhoc/alice is valid for 1 h, until 2026-11-22 09:00 UTC: main: pull\n" +
        "It is recorded nowhere: to revoke it before its end, you need the token itself.\n",
    );
    expect(project.text()).not.toContain("adhoc");
    expect(stderr).not.toContain(stdout.trim().split(".")[2]);
  });

  test("gives it with what it is as JSON, and never the key", async () => {
    const { stdout, stderr, json } = await mint("--sub", "alice", "--pull", "main", "--json");
    expect(json()).toEqual({
      token: expect.stringMatching(/^eyJ/),
      jti: expect.stringMatching(/^adhoc-/),
      sub: "adhoc/alice",
      expires: "2026-11-22T09:00:00Z",
      caches: { main: ["pull"] },
    });
    for (const secret of project.secrets()) expect(stdout + stderr).not.toContain(secret);
  });

  test.each([
    [["--sub", "alice"], "the token would allow nothing"],
    [["--pull", "main"], "required option '--sub <name>' not specified"],
    [["--sub", "alice\n", "--pull", "main"], "--sub is no name"],
    [["--sub", "a", "--pull", "main", "--validity", "25h"], "--validity is longer than 24 h"],
    [["--sub", "a", "--pull", "main", "--validity", "8d", "--long"], "--validity 8 d is longer than 7 d"],
    [["--sub", "a", "--push", "*"], "  the token must not allow push on every cache: name them, or a prefix"],
    [
      ["--sub", "a", "--destroy-cache", "main"],
      "  the token must not allow destroyCache on main: a service token",
    ],
    [["--sub", "a", "--pull", "ma?n"], "  ma?n is not named right: it must be a cache's name or a pattern"],
    [["--sub", "a", "--pull", "dev-*", "--push", "dev-a"], "  the token is ambiguous: the narrower of"],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await mint(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("allows with --root what root tokens may", async () => {
    const { code } = await mint("--sub", "a", "--push", "*", "--destroy-cache", "*", "--root");
    expect(code).toBe(0);
  });

  test("finds no key that fits the outputs when the state has another one", async () => {
    project.deployed().publicKeyBase64 = Buffer.from(testKey("elsewhere").publicKeyPem).toString("base64");
    const { code, stdout, stderr } = await mint("--sub", "alice", "--pull", "main");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("the stack's state has no signing key that fits its outputs");
  });
});

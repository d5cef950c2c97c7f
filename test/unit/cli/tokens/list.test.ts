import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { after, everyKind, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(0);
});
afterEach(() => project.remove());

/** The rows of a table, by their first cell. */
const rowsOf = (stdout: string) =>
  Object.fromEntries(
    stdout.split("\n").map((line) => [line.split(/ {2,}/)[0], line.split(/ {2,}/).slice(1)]),
  );

describe("atticctl tokens list", () => {
  test("tells of each token what it allows, when it expires and rotates, and where it is published", async () => {
    const { code, stdout, stderr } = await project.run(["tokens", "list"], { day: 1 });
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(rowsOf(stdout)).toEqual({
      TOKEN: ["KIND", "GEN", "ALLOWS", "EXPIRES", "ROTATES", "PUBLISHED"],
      "gitlab-main": [
        "ci",
        "1",
        "main: pull, push",
        "in 88 d (2027-02-19)",
        "in 75 d (2027-02-05)",
        "Secret attic-ci-tokens, GitLab group platform: ATTIC_TOKEN",
      ],
      developers: [
        "readOnly",
        "1",
        "*: pull",
        "in 88 d (2027-02-19)",
        "in 75 d (2027-02-05)",
        "Secret attic-ci-tokens",
      ],
      warmer: [
        "service",
        "1",
        "main: pull, push; dev-*: pull",
        "in 363 d (2027-11-21)",
        "in 334 d (2027-10-22)",
        "outputs alone",
      ],
      admin: [
        "root",
        "1",
        "*: everything",
        "in 178 d (2027-05-20)",
        "by hand until 2027-04-20",
        "outputs alone",
      ],
      "": [],
    });
  });

  test("gives the same as JSON, and no token in it", async () => {
    await project.update(77);
    const { code, stdout, json } = await project.run(["tokens", "list", "--json"], { day: 78 });
    expect(code).toBe(0);
    const [first] = json();
    expect(first).toEqual({
      name: "gitlab-main",
      kind: "ci",
      deployed: {
        generation: 2,
        issue: 0,
        issued: "2027-02-05T08:00:00Z",
        expires: "2027-05-06T07:50:00Z",
        rotates: "2027-04-22T08:00:00Z",
        previous: { generation: 1, issue: 0, expires: "2027-02-19T07:50:00Z" },
      },
      caches: { main: ["pull", "push"] },
      byHand: false,
      inCluster: true,
      gitlab: { group: "platform", variable: "ATTIC_TOKEN", environmentScope: "*", protected: true },
      notes: [],
    });
    for (const secret of project.secrets()) expect(stdout).not.toContain(secret);
  });

  test("has nothing to remark after an update, on any day of the time until the next rotation", async () => {
    for (const day of [0, 1, 40, 75]) {
      const { stdout } = await project.run(["tokens", "list"], { day });
      expect(stdout).not.toContain("!");
    }
  });

  const { ci, service, root } = everyKind;
  const more = { caches: { main: ["pull" as const] } };
  test.each([
    ["a rotation that is due", 76, everyKind, "gitlab-main: generation 2 is due: the next update makes it"],
    [
      "one that was missed for long",
      160,
      everyKind,
      "gitlab-main: generation 3 is due: the next update makes it",
    ],
    ["a token that has expired", 90, everyKind, "developers: expired: the server refuses it"],
    [
      "a root token that is due",
      150,
      everyKind,
      "admin: due to be made anew: raise attic:tokens.root.admin.generation to 2",
    ],
    [
      "a root token that was asked for",
      1,
      { ...everyKind, root: { admin: { ...root?.admin, generation: 2 } } } as typeof everyKind,
      "admin: the next update makes generation 2",
    ],
    [
      "a token that is new",
      1,
      { ...everyKind, service: { ...service, new: more } },
      "new: not minted yet: the next update makes it",
    ],
    [
      "permissions that were changed",
      1,
      { ...everyKind, ci: { "gitlab-main": more } },
      "gitlab-main: declared otherwise by now: the next update makes it anew",
    ],
    [
      "a token that was taken out",
      1,
      { ci, service, root },
      "developers: no longer declared: the next update publishes it no more, and it stays valid until it expires or is revoked",
    ],
    [
      "a revocation that is not in effect yet",
      1,
      { ...everyKind, revoked: [{ token: "gitlab-main", generation: 1, reason: "leaked" }] },
      "gitlab-main: revoked in the configuration: the next update makes issue 1",
    ],
    [
      "a new signing key",
      1,
      { ...everyKind, signingKey: { generation: 2 } },
      "warmer: void with the next update, which makes the signing key anew",
    ],
  ])("remarks on %s", async (_what, day, tokens, remark) => {
    project.declare(tokens);
    const { code, stdout } = await project.run(["tokens", "list"], { day });
    expect(stdout.split("\n")).toContain(`! ${remark}`);
    expect(code).toBe(0);
  });

  test("looks as from another time with --at", async () => {
    const there = await project.run(["tokens", "list", "--at", after(91).toISOString().slice(0, 10)], {
      day: 1,
    });
    expect(there.stdout).toContain("expired: the server refuses it");
    const wrong = await project.run(["tokens", "list", "--at", "2027-02-30"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain('"2027-02-30" is no date');
  });

  test("says so when the stack declares none", async () => {
    project.declare({});
    await project.update(0);
    expect(await project.run(["tokens", "list"])).toMatchObject({ stdout: "the stack declares no tokens\n" });
  });
});

describe("atticctl tokens list --revoked", () => {
  const revoked = [
    { token: "gitlab-main", generation: 1, expires: "2027-02-19T07:50:00Z", reason: "printed by a job" },
    { fragment: "f".repeat(64), expires: "2026-12-01T00:00:00Z", reason: "somebody else's" },
    { token: "long-gone", generation: 4, reason: "an old one" },
  ];

  const states = async (day: number) => {
    project.declare({ ...everyKind, revoked });
    await project.update(day);
    const { json } = await project.run(["tokens", "list", "--revoked", "--json"], { day });
    return (json() as { removable: boolean; why: string }[]).map(({ removable, why }) => [removable, why]);
  };

  test("keeps what refuses a token that would be taken else", async () => {
    expect(await states(1)).toEqual([
      [false, "its generation is in use"],
      [false, "the token would be taken without it"],
      [false, "nobody can tell when the token ends: remove it once you know"],
    ]);
  });

  test("lets go of a token that has ended", async () => {
    expect((await states(20))[1]).toEqual([true, "the token has ended by itself"]);
  });

  test("keeps an issue of a generation in use, since without the entry it would be minted again", async () => {
    expect((await states(80))[0]).toEqual([false, "its generation is in use"]);
    expect((await states(91))[0]).toEqual([true, "the token has ended by itself"]);
  });

  test("keeps the revoked issue of a root token until its generation is raised, though it has ended", async () => {
    const entry = { token: "admin", generation: 1, reason: "laptop lost" };
    project.declare({ ...everyKind, revoked: [entry] });
    await project.update(1);
    const at = async () =>
      (await project.run(["tokens", "list", "--revoked", "--json"], { day: 200 })).json()[0];
    expect(await at()).toMatchObject({ removable: false, why: "its generation is still the declared one" });
  });

  test("shows a person the table, with no more of a fragment than its end", async () => {
    project.declare({ ...everyKind, revoked });
    const { stdout } = await project.run(["tokens", "list", "--revoked"], { day: 20 });
    expect(rowsOf(stdout)).toMatchObject({
      "gitlab-main@1": ["in 69 d (2027-02-19)", "no", "its generation is in use", "printed by a job"],
      "…ffffffffffff": ["10 d ago (2026-12-01)", "yes", "the token has ended by itself", "somebody else's"],
    });
    expect(stdout).not.toContain("f".repeat(13));
    project.declare(everyKind);
    expect((await project.run(["tokens", "list", "--revoked"])).stdout).toBe("nothing is revoked\n");
  });
});

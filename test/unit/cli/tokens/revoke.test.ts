import { chmodSync, lstatSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sign, signingKey } from "../../../../components/tokens/jwt.ts";
import { revokedFragments, shapes } from "../../../../components/tokens/revocation.ts";
import { seconds } from "../../../../components/tokens/rotation.ts";
import { loadStackConfig } from "../../../../config/load.ts";
import { readStackFile } from "../../../../config/stack-file.ts";
import { testKey } from "../../../support/keys.ts";
import { after, everyKind, type How, type TestProject, testProject } from "../world.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject();
  await project.update(77);
});
afterEach(() => project.remove());

const revoke = (args: string[], how: How = {}) =>
  project.run(["tokens", "revoke", ...args, ...(args.includes("--reason") ? [] : ["--reason", "leaked"])], {
    day: 78,
    ...how,
  });
const secretOf = (name: string) => project.deployed().tokens[name]?.secret as string;
const revoked = () => parse(project.text()).config["attic:tokens"].revoked;
const configured = () => loadStackConfig(readStackFile(project.folder, "test"), "Pulumi.test.yaml");

/** A token that somebody minted with the stack's key and `atticadm`. */
const foreign = ({ jti, ...claims }: { jti?: string; exp?: number; nbf?: number }) =>
  new SignJWT({ jti, exp: seconds(after(200)), nbf: seconds(after(70)), sub: "alice", ...claims })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .sign(signingKey(project.key.privateKeyPem));

describe("atticctl tokens revoke NAME", () => {
  test("writes the current token's generation with the latest end that it can have, and says what comes next", async () => {
    const { code, stdout, stderr } = await revoke(["developers", "--reason", "printed by a job"]);
    expect(revoked()).toEqual([
      {
        token: "developers",
        generation: 2,
        issue: 0,
        expires: "2027-05-08T07:50:00Z",
        reason: "printed by a job",
      },
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      "Pulumi.test.yaml: developers@2 is revoked until 2027-05-08T07:50:00Z, when it has ended\n" +
        "next: pulumi up --stack test\n" +
        "That update also makes 2.1 of developers, which its holders need:\n" +
        "  in the cluster: Secret attic-ci-tokens has it at once\n" +
        "  elsewhere: atticctl tokens get developers\n",
    );
    expect(stderr).toBe(
      "note: the generation before it is valid until 2027-02-19T07:50:00Z, too: to revoke it, name developers@1\n",
    );
  });

  test("takes a generation and an issue", async () => {
    const { stdout, stderr } = await revoke(["developers@1"]);
    expect(revoked()).toMatchObject([
      { token: "developers", generation: 1, issue: 0, expires: "2027-02-19T07:50:00Z" },
    ]);
    expect(stdout).toContain("Nobody is given another token for it.");
    expect(stderr).toBe("");
    await revoke(["developers"]);
    await project.update(79);
    await revoke(["developers"]);
    await revoke(["warmer@1.0"]);
    expect(revoked().slice(1)).toMatchObject([
      { token: "developers", generation: 2, issue: 0 },
      { token: "developers", generation: 2, issue: 1 },
      { token: "warmer", generation: 1, issue: 0 },
    ]);
  });

  test("tells where the next token comes from for the places that it stands in", async () => {
    const { json } = await revoke(["gitlab-main", "--json"]);
    expect(json()).toMatchObject({
      changed: true,
      entry: { token: "gitlab-main", generation: 2, issue: 0 },
      next: "pulumi up --stack test",
      replacement: { name: "gitlab-main", generation: 2, issue: 1 },
      holders: [
        "in the cluster: Secret attic-ci-tokens has it at once",
        "in GitLab: atticctl tokens publish gitlab-main",
        "elsewhere: atticctl tokens get gitlab-main",
      ],
    });
  });

  test("does nothing twice", async () => {
    await revoke(["gitlab-main"]);
    const text = project.text();
    expect(await revoke(["gitlab-main"])).toMatchObject({
      code: 0,
      stdout: "gitlab-main@2 is revoked in the file already\n",
    });
    expect(project.text()).toBe(text);
  });

  test("has nothing to do for a generation that has ended", async () => {
    const text = project.text();
    const { code, stdout } = await revoke(["gitlab-main@1"], { day: 91 });
    expect(code).toBe(0);
    expect(stdout).toBe(
      "gitlab-main@1 ended by itself at 2027-02-19 07:50 UTC (1 d ago) at the latest: there is nothing to revoke\n",
    );
    expect((await revoke(["gitlab-main@1", "--json"], { day: 91 })).json()).toMatchObject({ changed: false });
    expect(project.text()).toBe(text);
  });

  test("gives an earlier generation of a root token the latest end that it can have", async () => {
    project.declare({ root: { admin: { ...everyKind.root?.admin, generation: 2 } } } as typeof everyKind);
    await project.update(78);
    await revoke(["admin@1"]);
    // It was made before its successor, and no root token is valid for longer than 180 days.
    expect(revoked()).toMatchObject([
      { token: "admin", generation: 1, issue: 0, expires: "2027-05-20T07:50:00Z" },
    ]);
  });

  describe("of a root token that another generation took the place of", () => {
    const root = (generation: number) => ({ admin: { ...everyKind.root?.admin, generation } });
    const declare = (generation: number, revoked: object[]) =>
      project.declare({ ...everyKind, root: root(generation), revoked } as typeof everyKind);
    const first = { token: "admin", generation: 1, issue: 0, reason: "laptop lost" };
    beforeEach(async () => {
      declare(1, [first]);
      await project.update(77);
      declare(2, [first]);
      await project.update(78);
    });

    test("means the issue that was in use last, and says which is revoked already", async () => {
      const { code, stderr } = await revoke(["admin@1"]);
      expect([code, revoked().slice(1)]).toEqual([
        0,
        [expect.objectContaining({ token: "admin", generation: 1, issue: 1 })],
      ]);
      expect(stderr).toContain("note: admin@1 is revoked in the file already, and this is the one");
    });

    test("takes an issue that is said, and has nothing to do for it twice", async () => {
      expect((await revoke(["admin@1.0"])).stdout).toBe("admin@1 is revoked in the file already\n");
      expect(revoked()).toHaveLength(1);
    });
  });

  test.each([
    ["gitlab-man", 3, "stack test has no token gitlab-man"],
    ["gitlab-main@3", 3, "there is no gitlab-main@3 yet"],
    ["gitlab-main@2.1", 3, "there is no gitlab-main@2.1 yet"],
    ["gitlab-main@0", 2, "this is no token"],
    ["Not a token!", 2, "this is no token"],
  ])("refuses %s, and leaves the file alone", async (name, code, message) => {
    const text = project.text();
    const ran = await revoke([name]);
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(ran.stderr).toContain(message);
    expect(project.text()).toBe(text);
  });

  test.each([
    [["gitlab-main", "--reason", " "], "--reason is empty"],
    [["gitlab-main", "--reason", "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJhIn0.x leaked"], "--reason holds a token"],
  ])("wants a reason that can stand in the file: %j", async (args, message) => {
    const { code, stderr } = await revoke(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    const without = await project.run(["tokens", "revoke", "gitlab-main"]);
    expect(without).toMatchObject({
      code: 2,
      stderr: "error: required option '--reason <text>' not specified\n",
    });
  });

  test("has nothing to do where the next update voids every token", async () => {
    project.declare({ ...everyKind, signingKey: { generation: 2 } });
    expect((await revoke(["gitlab-main"])).stdout).toContain("which voids every token that there is");
    expect(revoked()).toBeUndefined();
  });

  test("leaves the file untouched when it would say no valid configuration", async () => {
    project.declare(everyKind, { ingress: { enabled: false } });
    const text = project.text();
    const { code, stdout, stderr } = await revoke(["gitlab-main"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Pulumi.test.yaml with the revocation: 1 mistake in the configuration");
    expect(stderr).toContain("must be empty without the ingress");
    expect(project.text()).toBe(text);
  });

  test("replaces the file at once: its mode and a link to it stay, and nothing is left beside it", async () => {
    const real = join(project.folder, "real.yaml");
    renameSync(project.file, real);
    symlinkSync(real, project.file);
    chmodSync(real, 0o640);
    const inode = statSync(real).ino;
    await revoke(["gitlab-main"]);
    expect(lstatSync(project.file).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(statSync(real).ino).not.toBe(inode);
    expect(readdirSync(project.folder).sort()).toEqual(["Pulumi.test.yaml", "Pulumi.yaml", "real.yaml"]);
  });
});

describe("atticctl tokens revoke after the calendar was changed", () => {
  const gitlabMain = everyKind.ci?.["gitlab-main"] as NonNullable<typeof everyKind.ci>[string];
  const valid = (validityDays: number, rotateBeforeDays = 14) => ({
    ...everyKind,
    ci: { "gitlab-main": { ...gitlabMain, validityDays, rotateBeforeDays } },
  });
  const refusedOn = (day: number) => revokedFragments(configured(), after(day)).length;

  describe("to one in which the same generation ends earlier", () => {
    let old: string;
    beforeEach(async () => {
      await project.update(30);
      old = secretOf("gitlab-main");
      project.declare(valid(60));
      await project.update(31);
    });

    test.each([
      ["its text", ["-"]],
      ["its name", ["gitlab-main"]],
    ])("has the old token refused until its own end, by %s", async (_, args) => {
      expect((await revoke(args, { day: 40, stdin: args[0] === "-" ? old : "" })).code).toBe(0);
      expect(revoked()).toMatchObject([{ token: "gitlab-main", generation: 1, issue: 0 }]);
      expect([refusedOn(61), refusedOn(89.9), refusedOn(90)]).toEqual([1, 1, 0]);
    });

    describe("and its entry ends before it", () => {
      const entry = { token: "gitlab-main", generation: 1, issue: 0, reason: "leaked" };
      beforeEach(async () => {
        project.declare({ ...valid(60), revoked: [{ ...entry, expires: "2027-01-20T07:50:00Z" }] });
        await project.update(61);
      });

      test.each([
        ["its text, while the entry refuses it", ["-"], 45],
        ["its text, when the entry no longer does", ["-"], 61],
        ["its name, when the entry no longer does", ["gitlab-main@1.0"], 61],
      ])("puts off the entry's end, and says so: by %s", async (_, args, day) => {
        const how = { day, stdin: args[0] === "-" ? old : "" };
        const { code, stdout } = await revoke(args, how);
        expect(code).toBe(0);
        expect(stdout).toBe(
          "Pulumi.test.yaml: gitlab-main@1 is revoked until 2027-02-19T07:50:00Z, when it has ended; " +
            "that said 2027-01-20T07:50:00Z, which was too early\n" +
            "next: pulumi up --stack test\nNobody is given another token for it.\n",
        );
        expect(revoked()).toEqual([{ ...entry, expires: "2027-02-19T07:50:00Z" }]);
        expect((await revoke(args, how)).stdout).toMatch(/ is revoked in the file already\n$/);
      });

      test("means that issue where none is said, and not one that may never have been made", async () => {
        const { stderr } = await revoke(["gitlab-main@1"], { day: 61 });
        expect([stderr, revoked()]).toEqual(["", [{ ...entry, expires: "2027-02-19T07:50:00Z" }]]);
      });

      test("leaves an entry alone by its name that refuses the token still", async () => {
        const text = project.text();
        expect((await revoke(["gitlab-main@1.0"], { day: 45 })).stdout).toContain("in the file already");
        expect(project.text()).toBe(text);
      });
    });
  });

  test("has a token refused until its own end whose generation the calendar has over long ago", async () => {
    const old = secretOf("gitlab-main");
    project.declare(valid(30, 10));
    await project.update(85);
    const { code } = await revoke(["-"], { day: 86, stdin: old });
    expect([code, revoked()]).toMatchObject([0, [{ token: "gitlab-main", generation: 2, issue: 0 }]]);
    expect([refusedOn(86), refusedOn(165.9)]).toEqual([1, 1]);
  });
});

describe("atticctl tokens revoke with a JWT", () => {
  test.each([
    ["the current one", () => secretOf("gitlab-main"), 2],
    ["the one before it", () => project.deployed().tokens["gitlab-main"]?.previous?.secret as string, 1],
  ])("names %s of the stack's own, and not the JWT", async (_which, secret, generation) => {
    const { code } = await revoke(["-"], { stdin: `${secret()}\n` });
    expect(code).toBe(0);
    expect(revoked()).toMatchObject([{ token: "gitlab-main", generation, issue: 0 }]);
  });

  test("knows its own again that was minted when it allowed something else", async () => {
    const before = secretOf("gitlab-main");
    project.declare({ ...everyKind, ci: { "gitlab-main": { caches: { other: ["pull"] } } } });
    await project.update(78);
    expect(secretOf("gitlab-main")).not.toBe(before);
    await revoke(["-"], { stdin: before });
    expect(revoked()).toMatchObject([{ token: "gitlab-main", generation: 2, issue: 0 }]);
  });

  test("writes a piece of any other, which the ingress finds in every shape that a request can have", async () => {
    const payload = fc.record({
      jti: fc.stringMatching(/^[a-z0-9-]{16,40}$/),
      sub: fc.string({ maxLength: 20 }),
      extra: fc.string({ unit: "grapheme", maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(payload, fc.string({ unit: "grapheme-ascii", maxLength: 9 }), async (claims, user) => {
        project.declare(everyKind);
        const jwt = await sign(
          { ...claims, exp: seconds(after(200)) } as unknown as Parameters<typeof sign>[0],
          signingKey(project.key.privateKeyPem),
        );
        expect((await revoke(["-"], { stdin: jwt })).code).toBe(0);
        expect(revoked()).toMatchObject([
          { fragment: expect.any(String), expires: after(200).toISOString().replace(".000", "") },
        ]);
        const [fragment] = revokedFragments(configured(), after(78)) as [string];
        const refused = (header: string) => shapes(fragment).some((shape) => header.includes(shape));
        expect(refused(`Bearer ${jwt}`)).toBe(true);
        expect(refused(`Basic ${Buffer.from(`${user}:${jwt}`).toString("base64")}`)).toBe(true);
        expect(refused(`Bearer ${secretOf("gitlab-main")}`)).toBe(false);
        expect(project.text()).not.toContain(jwt.split(".")[2]);
      }),
      { numRuns: 25 },
    );
  });

  test("takes one that atticadm minted, by the times of its validity", async () => {
    const jwt = await foreign({});
    await revoke(["-"], { stdin: jwt });
    expect(revoked()).toEqual([
      {
        fragment: expect.stringMatching(/^[\w-]{32,64}$/),
        expires: "2027-06-09T08:00:00Z",
        reason: "leaked",
      },
    ]);
    expect(jwt).toContain(revoked()[0].fragment);
    expect(await revoke(["-"], { stdin: jwt })).toMatchObject({
      code: 0,
      stdout: "the token is revoked in the file already\n",
    });
  });

  test("puts off the end of the entry that it has, where that is before its own", async () => {
    const jwt = await foreign({});
    await revoke(["-"], { stdin: jwt });
    const text = project.text();
    writeFileSync(project.file, text.replace("2027-06-09", "2027-02-09"));
    const { code, stdout } = await revoke(["-"], { stdin: jwt });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("that said 2027-02-09T08:00:00Z, which was too early"),
    ]);
    expect(project.text()).toBe(text);
  });

  test("says so when the token never ends, and its entry may never go", async () => {
    const jwt = await foreign({ jti: "an-id-of-its-own-0001", exp: undefined });
    const { code, stderr } = await revoke(["-"], { stdin: jwt });
    expect(code).toBe(0);
    expect(stderr).toContain("note: the token never ends, so its entry may never be removed");
    expect(revoked()).toMatchObject([{ expires: "9999-12-31T23:59:59Z" }]);
    expect(configured().tokens.revoked).toHaveLength(1);
  });

  test("has nothing to do for one that has expired", async () => {
    const { code, stdout } = await revoke(["-"], { stdin: await foreign({ exp: seconds(after(77)) }) });
    expect(code).toBe(0);
    expect(stdout).toContain("the token ended by itself at 2027-02-06 08:00 UTC (1 d ago)");
    expect(revoked()).toBeUndefined();
  });

  test("refuses one of another key, unless forced, and then trusts nothing in it", async () => {
    const { jti } = JSON.parse(
      Buffer.from(secretOf("admin").split(".")[1] as string, "base64url").toString(),
    );
    const jwt = await new SignJWT({ jti, exp: seconds(after(200)) })
      .setProtectedHeader({ alg: "RS256" })
      .sign(signingKey(testKey("elsewhere").privateKeyPem));
    const { code, stderr } = await revoke(["-"], { stdin: jwt });
    expect(code).toBe(4);
    expect(stderr).toContain(
      "the key of stack test did not sign this token, so its server refuses it anyway",
    );
    expect(revoked()).toBeUndefined();
    await revoke(["-", "--force"], { stdin: jwt });
    expect(revoked()).toEqual([expect.objectContaining({ fragment: expect.any(String) })]);
  });

  test("refuses one that cannot be told from others", async () => {
    const { code, stderr } = await revoke(["-"], {
      stdin: await foreign({ exp: undefined, nbf: undefined }),
    });
    expect(code).toBe(4);
    expect(stderr).toContain("raise attic:tokens.signingKey.generation to void every token");
  });

  test("reads a file, standard input that is piped, or what a person types at a prompt that shows nothing", async () => {
    const jwt = secretOf("gitlab-main");
    const file = join(project.folder, "leaked.txt");
    writeFileSync(file, `Bearer ${jwt}\n`);
    for (const [args, how] of [
      [["--file", "leaked.txt"], {}],
      [[], { stdin: jwt }],
      [[], { typed: `${jwt}\n` }],
    ] as const) {
      project.declare(everyKind);
      const { code, stdout, stderr } = await revoke([...args], how);
      expect(code).toBe(0);
      expect(revoked()).toMatchObject([{ token: "gitlab-main" }]);
      expect(stdout + stderr).not.toContain(jwt);
      expect(stderr.startsWith("token (not shown): \n")).toBe("typed" in how);
    }
  });

  test("takes it as an argument, too, and says who can see that", async () => {
    const { code, stderr } = await revoke([secretOf("gitlab-main")]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "warning: as an argument the token stands in the shell's history and the list of processes",
    );
    expect(stderr).not.toContain("eyJ");
  });

  test.each([
    [["-"], "", "there is no token to read: the input is empty"],
    [["-"], "not.a.token", "this is no token"],
    [["-", "--file", "x"], "", "give the token once"],
    [["-"], "x".repeat(100_001), "standard input is longer than any token"],
  ])("refuses %j with %#, and repeats nothing of it", async (args, stdin, message) => {
    const { code, stdout, stderr } = await revoke(args, { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("not.a.token");
  });

  test("is interrupted at the prompt without a trace", async () => {
    const text = project.text();
    const { code, stderr } = await revoke([], { typed: "\u0003" });
    expect(code).toBe(130);
    expect(stderr).toContain("interrupted: nothing was changed");
    expect(project.text()).toBe(text);
  });

  test("never writes or prints the token, in whatever way it came", async () => {
    const jwts = [
      secretOf("gitlab-main"),
      await foreign({}),
      await foreign({ jti: "an-id-of-its-own-0001" }),
    ];
    for (const jwt of jwts) {
      const ran = await revoke(["-", "--json"], { stdin: jwt });
      for (const text of [ran.stdout, ran.stderr, project.text()]) {
        expect(text).not.toContain(jwt.split(".")[2]);
        expect(text).not.toContain(jwt.slice(0, 80));
      }
    }
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestProject, testProject } from "./world.ts";

let project: TestProject;
beforeEach(() => {
  project = testProject({});
});
afterEach(() => project.remove());

const list = (args: string[], how = {}) => project.run(["tokens", "list", ...args], how);

describe("the stack", () => {
  beforeEach(() => project.update(0));

  test("is the one that --stack names, with its organisation or without, before or behind the command", async () => {
    for (const name of ["test", "acme/attic/test"]) {
      expect(await list(["--stack", name])).toMatchObject({ code: 0 });
      expect(await project.run(["--stack", name, "tokens", "list"])).toMatchObject({ code: 0 });
    }
  });

  test("is $PULUMI_STACK else, and else the one that is selected", async () => {
    expect(await list(["--stack", ""], { env: { PULUMI_STACK: "test", SELECTED: "nope" } })).toMatchObject({
      code: 0,
    });
    expect(await list(["--stack", ""], { env: { SELECTED: "test" } })).toMatchObject({ code: 0 });
  });

  test("must be told when nothing chooses it, and the stacks that there are are listed", async () => {
    writeFileSync(join(project.folder, "Pulumi.another.yaml"), "config: {}\n");
    const { code, stdout, stderr } = await list(["--stack", ""]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      "error: which stack? None was named and none is selected\n" +
        "give --stack NAME or set PULUMI_STACK; the stacks are: another, test\n",
    );
  });

  test("must have a file, and the nearest name is told", async () => {
    const { code, stderr } = await list(["--stack", "tst"]);
    expect(code).toBe(3);
    expect(stderr).toBe(
      `error: there is no Pulumi.tst.yaml in ${project.folder}\ndid you mean test? the stacks are: test\n`,
    );
    expect(await list(["--stack", "../test"])).toMatchObject({ code: 0 });
    expect(await list(["--stack", "/etc/passwd"])).toMatchObject({ code: 3 });
  });

  test("is looked for in the folder of --cwd, and above it", async () => {
    const below = join(project.folder, "docs/deep");
    mkdirSync(below, { recursive: true });
    expect(await list([], { cwd: below })).toMatchObject({ code: 0 });
    expect(await list(["--cwd", below], { cwd: tmpdir() })).toMatchObject({ code: 0 });
    expect(await list(["-C", "docs"])).toMatchObject({ code: 0 });
    const elsewhere = mkdtempSync(join(tmpdir(), "atticctl-none-"));
    try {
      const { code, stderr } = await list([], { cwd: elsewhere });
      expect(code).toBe(2);
      expect(stderr).toBe(
        `error: there is no Pulumi.yaml in ${elsewhere} or above\ngo to the project's folder, or name it with --cwd\n`,
      );
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe("what was deployed", () => {
  test("is missing before the first update, and what makes it is told", async () => {
    const { code, stderr } = await list([]);
    expect(code).toBe(3);
    expect(stderr).toBe(
      "error: stack test has no state: nothing was brought up yet\npulumi up --stack test\n",
    );
  });

  test("is too old when an output is missing", async () => {
    const outputs = await project.update(0);
    delete (outputs as Partial<typeof outputs>).tokenAnchor;
    const { code, stderr } = await list([]);
    expect(code).toBe(3);
    expect(stderr).toContain("stack test has no output tokenAnchor: an older program brought it up");
  });
});

describe("what Pulumi cannot decrypt", () => {
  test.each([
    ["tokens", null],
    ["cacheKeyPairs", { main: null }],
  ])("is told as such: %s as %j", async (name, value) => {
    Object.assign(await project.update(0), { [name]: value });
    const { code, stderr } = await list([]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Pulumi could not decrypt the outputs of stack test: ${name}\ngive it the passphrase`,
    );
  });
});

describe("a mistake", () => {
  test("in the stack's file is told as everywhere, without a stack trace", async () => {
    await project.update(0);
    project.declare({ ci: { "Not OK": { caches: {} } } });
    const { code, stdout, stderr } = await list([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Pulumi.test.yaml: 1 mistake in the configuration");
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test.each([
    [["tokens", "lst"], "error: unknown command 'lst'\n(Did you mean list?)\n"],
    [["tokens", "list", "--revokd"], "error: unknown option '--revokd'\n(Did you mean --revoked?)\n"],
    [["tokens", "get"], "error: missing required argument 'name'\n"],
  ])("in the arguments ends with 2: %j", async (args, message) => {
    expect(await project.run(args)).toMatchObject({ code: 2, stdout: "", stderr: message });
  });

  test("that puts a token in the wrong place does not show it", async () => {
    const { tokens } = await project.update(0);
    project.declare({ readOnly: { developers: { caches: { "*": ["pull"] } } } });
    const jwt = (await project.update(0)).tokens.developers?.secret as string;
    expect(tokens).toEqual({});
    for (const args of [
      ["get", jwt],
      ["inspect", "Bearer", jwt],
      ["list", jwt],
      ["list", "--at", jwt],
      ["list", "--stack", jwt],
      ["mint", "--sub", jwt.repeat(2), "--pull", "main"],
      ["publish", jwt],
      [jwt],
    ]) {
      const { code, stdout, stderr } = await project.run(["tokens", ...args]);
      expect(code).toBeGreaterThan(1);
      expect(stdout + stderr).not.toContain(jwt.slice(0, 60));
      expect(stdout + stderr).not.toContain(jwt.slice(-60));
    }
  });

  test("of ours, which nobody foresaw, comes with its stack trace and 1", async () => {
    const outputs = await project.update(0);
    Object.defineProperty(outputs, "tokens", { enumerable: true, get: () => undefined as never });
    Object.defineProperty(outputs, "url", {
      enumerable: true,
      get: () => {
        throw new TypeError("a bug");
      },
    });
    const { code, stderr } = await list([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: TypeError: a bug\n +at /);
  });
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const project = join(import.meta.dirname, "../../..");

/** The last line of a run of its own with these test files, by name, and the code that it ends with. */
function runOf(folder: string, files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join(project, "node_modules/vitest/vitest.mjs"),
      "run",
      `--root=${folder}`,
      "--globals",
      `--reporter=${join(project, "test/support/count-reporter.ts")}`,
    ],
    { encoding: "utf8" },
  );
  return { code: status, line: stdout.trimEnd().split("\n").at(-1) };
}

const throws = '() => { throw new Error("no") }';

describe("the last line of a run", { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "counted-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("counts tests by what came of them", () => {
    const file = `test("a", () => {}); test("b", ${throws}); test.skip("c", () => {}); test("d", () => {});`;
    expect(runOf(folder, { "all.test.js": file })).toEqual({
      code: 1,
      line: "2 passed, 1 failed, 1 skipped",
    });
  });

  test("says nothing of skipped tests where there are none", () => {
    const file = 'describe("group", () => { test("a", () => {}); });';
    expect(runOf(folder, { "passes.test.js": file })).toEqual({ code: 0, line: "1 passed, 0 failed" });
  });

  test("counts a failure for each group, and each file, in which something fails beside the tests", () => {
    const files = {
      "before.test.js": `describe("a", () => { describe("b", () => { beforeAll(${throws}); test("c", () => {}); }); });`,
      "after.test.js": `describe("a", () => { afterAll(${throws}); test("b", () => {}); });`,
      "file.test.js": `beforeAll(${throws}); test("a", () => {});`,
      "unreadable.test.js": "test(",
    };
    expect(runOf(folder, files)).toEqual({ code: 1, line: "1 passed, 4 failed, 2 skipped" });
  });
});

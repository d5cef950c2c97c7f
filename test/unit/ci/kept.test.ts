import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Kept } from "../../support/gitlab-ci/kept.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "kept-"));
});
afterEach(() => rmSync(state, { recursive: true }));

const put = (folder: string, name: string, text: string) => {
  mkdirSync(join(state, folder), { recursive: true });
  writeFileSync(join(state, folder, name), text);
};

describe("what jobs printed and kept", () => {
  test("is that of all pipelines, also where a later one wrote over it or took it away", () => {
    const kept = new Kept();
    put("output", "deploy.log", "the first deployment");
    put("artifacts/deploy/out", "deploy.json", "{}");
    kept.add({ state }, { output: "PASS deploy" });
    rmSync(join(state, "artifacts"), { recursive: true });
    put("output", "deploy.log", "the second");
    kept.add({ state }, { output: "FAIL deploy" });
    expect([...kept.texts].sort()).toEqual([
      "FAIL deploy",
      "PASS deploy",
      "the first deployment",
      "the second",
      "{}",
    ]);
  });

  test("is what was printed alone, of a pipeline without jobs", () => {
    const kept = new Kept();
    kept.add({ state }, { output: "no jobs" });
    expect(kept.texts).toEqual(["no jobs"]);
  });
});

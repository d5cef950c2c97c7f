import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeEdit } from "../../../../../cli/database/restore/stack-file.ts";
import type { OpenedStack } from "../../../../../cli/stack.ts";
import { type TestProject, testProject } from "../../world.ts";

let project: TestProject;
beforeEach(() => {
  project = testProject();
});
afterEach(() => project.remove());

describe("a restore in the stack's file", () => {
  const edit = () => {
    const before = project.text();
    return { before, after: `${before}# a restore\n` };
  };
  const stack = () => ({ file: project.file }) as OpenedStack;

  test("is written where the file is as it was read", () => {
    const { before, after } = edit();
    writeEdit(stack(), { before, after });
    expect(project.text()).toBe(after);
  });

  test("is not written over what somebody else wrote meanwhile", () => {
    const { before, after } = edit();
    const revoked = `${before}# a revocation\n`;
    writeFileSync(project.file, revoked);
    expect(() => writeEdit(stack(), { before, after })).toThrow(
      "Pulumi.test.yaml was changed by somebody else since it was read, and is left as it is; nothing was done",
    );
    expect(project.text()).toBe(revoked);
  });
});

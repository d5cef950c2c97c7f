import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { run } from "../../../review/command.ts";
import { event, policyEvent } from "./engine.ts";

const folder = mkdtempSync(join(tmpdir(), "review-command-"));
beforeAll(() => void vi.stubEnv("INIT_CWD", folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const step = event("kubernetes:core/v1:Service", "attic", { op: "same", old: {}, new: {} });
const end = { summaryEvent: { resourceChanges: { same: 1 } } };

/** Writes a plan where the person is, and has it reviewed from there; `said` is what stands on standard error. */
async function reviewed(events: object[], ...args: string[]) {
  writeFileSync(join(folder, "plan.jsonl"), events.map((each) => `${JSON.stringify(each)}\n`).join(""));
  rmSync(join(folder, "page.md"), { force: true });
  let said = "";
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  const plan = ["--events", "plan.jsonl", "--out", "page.md"];
  const code = await run(["node", "review", "production", ...plan, ...args]).finally(() =>
    stderr.mockRestore(),
  );
  const page = existsSync(join(folder, "page.md"))
    ? readFileSync(join(folder, "page.md"), "utf8")
    : undefined;
  return { code, said, page };
}

describe("npm run review --events", () => {
  test("reads the plan and writes the page where the person is", async () => {
    const { code, page } = await reviewed([step, end]);
    expect([code, page]).toEqual([0, expect.stringContaining("All 1 objects stay as they are")]);
  });

  test("ends with 5 when a policy refused the plan", async () => {
    const refusal = policyEvent({ policy: "no-plain-secrets", message: "a key in plain sight" });
    const { code, page } = await reviewed([step, refusal, end]);
    expect([code, page]).toEqual([5, expect.stringContaining("**refused**")]);
  });

  test("ends with 2, says why, and writes no page for what is not a whole plan", async () => {
    const { code, said, page } = await reviewed([]);
    expect([code, page]).toEqual([2, undefined]);
    expect(said).toContain(`error: ${join(folder, "plan.jsonl")} tells of no resource`);
  });

  test("is not taken for a first update when the file's name is empty", async () => {
    const { code, page } = await reviewed([step, end], "--events", "");
    expect([code, page]).toEqual([2, undefined]);
  });

  test("ends with 2 and without a page for a revision that Git does not know", async () => {
    const { code, said, page } = await reviewed([step, end], "--base", "no-such-revision");
    expect([code, page]).toEqual([2, undefined]);
    expect(said).toContain("error: Git knows no revision no-such-revision here");
  });
});

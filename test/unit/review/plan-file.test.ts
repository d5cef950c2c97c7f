import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPlan } from "../../../review/plan-file.ts";
import { UsageError } from "../../../review/usage-error.ts";
import { event, policyEvent } from "./engine.ts";

const folder = mkdtempSync(join(tmpdir(), "plan-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "plan.jsonl");
const written = (...lines: (object | string)[]) => {
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  writeFileSync(file, texts.map((text) => `${text}\n`).join(""));
};
const read = () => readPlan(file, "production");

const step = event("kubernetes:core/v1:Service", "attic", { op: "same", old: {}, new: {} });
const end = { summaryEvent: { resourceChanges: { same: 1 } } };
const failure = (message: string) => ({ diagnosticEvent: { severity: "error", message } });

describe("the file of a plan", () => {
  test("is read as the engine's events, one a line", () => {
    written(step, end);
    expect(read()).toEqual([step, end]);
  });

  test("is whole when policies refuse what it plans", () => {
    const refusal = policyEvent({ policy: "image-pinned", message: "moves" });
    written(step, refusal, failure("preview failed"), end);
    expect(read()).toHaveLength(4);
  });

  test.each<[string, (object | string)[], string]>([
    ["is empty", [], "tells of no resource"],
    ["tells nothing but its end", [end], "tells of no resource"],
    ["is what --json wrote, on one line", [{ steps: [{ op: "delete" }] }], "tells of no resource"],
    ["is what --json wrote, on many lines", ["{", '"steps": []', "}"], "line 1, is no event of the engine"],
    ["holds a number", [step, "5", end], "line 2, is no event of the engine"],
    ["ends before its preview did", [step], "ends before its preview did"],
    [
      "is of a program that failed",
      [step, failure("Unhandled exception: Error: boom\n    at file:///index.ts:1:1\n"), end],
      "a preview that failed, and a plan that was cut off hides what is deleted: Unhandled exception: Error: boom",
    ],
  ])("is refused when it %s", (_, lines, words) => {
    written(...lines);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`${file}${words.startsWith("line") ? ", " : " "}`);
    expect(read).toThrow(words);
  });

  test("is refused without the places in code that an error of its preview names", () => {
    written(step, failure("Error: boom\n    at file:///index.ts:1:1\n"), end);
    expect(read).toThrow(/Error: boom$/);
  });

  test("is refused when it is another stack's", () => {
    written(step, end);
    expect(() => readPlan(file, "staging")).toThrow(`${file} is a plan of stack production, not of staging`);
  });

  test("is refused by its name when there is none", () => {
    expect(() => readPlan(join(folder, "none"), "production")).toThrow(UsageError);
    expect(() => readPlan(join(folder, "none"), "production")).toThrow(
      `${join(folder, "none")} cannot be read`,
    );
  });
});

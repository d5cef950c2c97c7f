import { describe, expect, test } from "vitest";
import { checkRules } from "../../support/promtool.ts";
import { allGroups, emittedGroups, goldenGroups, stacks } from "./emitted.ts";

describe.each(Object.entries(stacks))("the rules of the stack %s", (_, config) => {
  test("are there", () => {
    expect(Object.keys(emittedGroups(config))).not.toEqual([]);
  });

  test.each(Object.entries(emittedGroups(config)))(
    "in %s are such as Prometheus takes",
    async (_, groups) => {
      expect(await checkRules(groups)).toMatchObject({ code: 0, stderr: "" });
    },
  );

  test("name no two groups alike, and are twice in none", async () => {
    expect(await checkRules(allGroups(config))).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the rules among the golden files", () => {
  const golden = Object.entries(goldenGroups());

  test("are there", () => {
    expect(golden).not.toEqual([]);
  });

  test.each(golden)("in %s are such as Prometheus takes", async (_, groups) => {
    expect(await checkRules(groups)).toMatchObject({ code: 0, stderr: "" });
  });
});

import { describe, expect, test } from "vitest";
import { SHIPPED } from "../../../config/shipped.ts";
import { readStackFile } from "../../../config/stack-file.ts";
import program from "../../../index.ts";
import { policies } from "../../../policies/all.ts";
import { configure } from "../../../policies/framework/config.ts";
import { stackSettings } from "../../../policies/stack-settings.ts";
import { record } from "../../../render/record.ts";
import { explained } from "../../mutation/explained.ts";
import { hunt } from "../../mutation/hunt.ts";

describe("production, weakened in one place at a time", async () => {
  const recording = await record(program, {
    stack: "production",
    config: readStackFile(SHIPPED, "production"),
  });
  const { caught, survivors } = hunt(recording, configure(policies, stackSettings(policies, "production")));
  const all = caught.length + survivors.length;

  test("is weakened in at least 150 places", () => {
    expect(all).toBeGreaterThanOrEqual(150);
  });

  test("is caught by some policy in 95 of 100", () => {
    expect(caught.length / all).toBeGreaterThanOrEqual(0.95);
  });

  test("and where it is not, for a reason that is written down", () => {
    const unexplained = survivors.filter((name) => !explained.some(({ weakness }) => weakness.test(name)));
    expect(unexplained).toEqual([]);
  });

  test("leaves no reason without a weakness", () => {
    const stale = explained.filter(({ weakness }) => !survivors.some((name) => weakness.test(name)));
    expect(stale).toEqual([]);
  });
});

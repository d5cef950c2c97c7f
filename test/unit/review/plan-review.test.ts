import { describe, expect, test } from "vitest";
import { planReview } from "../../../review/review.ts";
import { event } from "./engine.ts";

const events = [event("aws:s3/bucket:Bucket", "nars", { op: "delete", old: { bucket: "nix-cache" } })];

describe("a plan that is reviewed", () => {
  test("is held to the rules over plans", () => {
    const { findings, warnings } = planReview("production", events, {});
    expect(findings.map(({ rule, resource }) => `${rule} ${resource}`)).toEqual(["no-loss Bucket nars"]);
    expect(warnings).toEqual([]);
  });

  test("may do what is excepted, without a word of it", () => {
    const except = { "no-loss": { "Bucket/nars": "moved to another account" } };
    expect(planReview("production", events, except)).toEqual({ findings: [], warnings: [] });
  });

  test("warns of exceptions that it has no need of, each by its file and its name", () => {
    const except = {
      "no-loss": { "Bucket/nars": "moved to another account", "Bucket/backups": "moved a year ago" },
      "no-shrinking": { "ConfigMap/attic-config": "the bucket was too full" },
    };
    const { findings, warnings } = planReview("production", events, except);
    expect(findings).toEqual([]);
    expect(warnings).toEqual(
      ["no-loss Bucket/backups", "no-shrinking ConfigMap/attic-config"].map(
        (exception) =>
          `policies/config/production.json has an exception that this plan has no need of: ${exception}. ` +
          "Take it out, before it lets something else through.",
      ),
    );
  });
});

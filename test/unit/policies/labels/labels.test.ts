import { describe, expect, test } from "vitest";
import { subject } from "../../../../policies/framework/subject.ts";
import { recommendedLabels } from "../../../../policies/labels/recommended.ts";
import { API } from "../fixtures.ts";
import { fields, judge, kubernetes, resource } from "../support.ts";

const labels = { labels: ["app.kubernetes.io/part-of"], named: [] };

describe("labels", () => {
  test("that are all there", () => {
    expect(
      judge(recommendedLabels, kubernetes({ metadata: { name: "attic", labels: API } })).findings,
    ).toEqual([]);
  });

  test("that are missing are found, one by one", () => {
    const { "app.kubernetes.io/name": _, "app.kubernetes.io/part-of": __, ...rest } = API;
    expect(
      fields(judge(recommendedLabels, kubernetes({ metadata: { name: "attic", labels: rest } }))),
    ).toEqual(['metadata.labels["app.kubernetes.io/name"]', 'metadata.labels["app.kubernetes.io/part-of"]']);
    expect(judge(recommendedLabels, kubernetes({})).findings).toHaveLength(4);
  });

  test.each([
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:yaml/v2:ConfigGroup",
  ])("are none of a %s, which makes objects and is none", (type) => {
    expect(judge(recommendedLabels, resource(type, "crds", {})).findings).toEqual([]);
    expect(recommendedLabels.remediate?.(subject(resource(type, "crds", {})), labels)).toBe(false);
  });

  test("of a namespace are fewer, and other resources have none", () => {
    expect(judge(recommendedLabels, kubernetes({ kind: "Namespace" })).findings).toHaveLength(2);
    expect(judge(recommendedLabels, resource("aws:s3/bucket:Bucket", "nars", {})).findings).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { emittedManifests, filledIn } from "../../../judges/manifests.ts";
import { secretMask, unknownMask } from "../../../render/mask.ts";

describe("what a rendering cannot know", () => {
  test("is filled in, and nothing else is changed", () => {
    const object = {
      kind: "Secret",
      metadata: { annotations: { "eks.amazonaws.com/role-arn": unknownMask }, labels: { app: "attic" } },
      spec: { replicas: 2, paused: false, nothing: null, args: ["--token", secretMask] },
      stringData: secretMask,
    };
    expect(filledIn(object)).toEqual({
      kind: "Secret",
      metadata: { annotations: { "eks.amazonaws.com/role-arn": "known-after-up" }, labels: { app: "attic" } },
      spec: { replicas: 2, paused: false, nothing: null, args: ["--token", "not-a-secret"] },
      stringData: { key: "not-a-secret" },
    });
  });

  test("is in no object that judges see", async () => {
    const objects = await emittedManifests("production", new Date("2026-11-21T08:00:00Z"));
    const text = JSON.stringify(objects);
    expect(text).not.toContain(secretMask);
    expect(text).not.toContain(unknownMask);
    expect(text).toContain("known-after-up");
    expect(text).toContain("not-a-secret");
  });
});

test("judges see every kind of object of a stack, and none that is not one of the Kubernetes API", async () => {
  const objects = await emittedManifests("production", new Date("2026-11-21T08:00:00Z"));
  const kinds = new Set(objects.map(({ kind }) => kind));
  for (const kind of [
    "Namespace",
    "Deployment",
    "Job",
    "Secret",
    "IngressRoute",
    "Cluster",
    "PrometheusRule",
  ]) {
    expect(kinds).toContain(kind);
  }
  for (const { apiVersion, metadata } of objects) {
    expect(apiVersion).toMatch(/^([a-z0-9.-]+\/)?v\d/);
    expect(metadata.name).toBeTruthy();
  }
});

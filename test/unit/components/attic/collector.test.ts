import { describe, expect, test } from "vitest";
import { collector } from "../../../../components/attic/collector.ts";
import { ofKind } from "../../../../components/kubernetes/manifest.ts";
import { stackConfig } from "../../../support/settings.ts";

describe("the garbage collector as a Deployment", () => {
  const built = collector(stackConfig());
  const { spec, metadata } = ofKind("Deployment", built);

  test("is one pod at a time, also during an update", () => {
    expect(metadata.name).toBe("attic-gc");
    expect(spec.replicas).toBe(1);
    expect(spec.strategy).toEqual({ type: "Recreate" });
  });

  test("collects at every interval of the configuration", () => {
    expect(spec.template.spec.containers[0].args).toContain("garbage-collector");
  });

  test("has a ServiceAccount of its own, and its pods are not the API's", () => {
    expect(spec.template.spec.serviceAccountName).toBe("attic-gc");
    expect(spec.selector.matchLabels["app.kubernetes.io/component"]).toBe("gc");
  });

  test("has no probe: it serves nothing that could be asked", () => {
    const [container] = spec.template.spec.containers;
    for (const absent of ["livenessProbe", "readinessProbe", "startupProbe", "ports"]) {
      expect(container[absent]).toBeUndefined();
    }
  });

  test("is nothing else", () => {
    expect(built.map(({ kind }) => kind).sort()).toEqual(["Deployment", "ServiceAccount"]);
  });
});

describe("the garbage collector as a CronJob", () => {
  const built = collector(stackConfig({ garbageCollection: { runAs: "cronJob", schedule: "30 3 * * 1" } }));
  const { spec } = ofKind("CronJob", built);
  const pod = spec.jobTemplate.spec.template.spec;

  test("runs once by its schedule, in UTC, and never beside itself", () => {
    expect(spec).toMatchObject({ schedule: "30 3 * * 1", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(pod.containers[0].args).toContain("garbage-collector-once");
  });

  test("still runs when the control plane misses its moment", () => {
    expect(spec.startingDeadlineSeconds).toBe(3600);
  });

  test("keeps failed Jobs, so that a failure can be seen", () => {
    expect(spec.failedJobsHistoryLimit).toBeGreaterThan(0);
  });

  test("meets the restricted Pod Security level", () => {
    expect(pod.securityContext.seccompProfile).toEqual({ type: "RuntimeDefault" });
    expect(pod.containers[0].securityContext.capabilities).toEqual({ drop: ["ALL"] });
  });

  test("takes the place of the Deployment", () => {
    expect(built.map(({ kind }) => kind).sort()).toEqual(["CronJob", "ServiceAccount"]);
  });
});

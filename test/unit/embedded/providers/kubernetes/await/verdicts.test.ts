import { describe, expect, it } from "vitest";
import { judgeDaemonSet } from "../../../../../../embedded/providers/kubernetes/await/daemon-set.ts";
import { customResourceDefinition } from "../../../../../../embedded/providers/kubernetes/await/definition.ts";
import { judgeRollout } from "../../../../../../embedded/providers/kubernetes/await/deployment.ts";
import { judgeJob } from "../../../../../../embedded/providers/kubernetes/await/job.ts";
import { waiterFor } from "../../../../../../embedded/providers/kubernetes/await/kinds.ts";
import { isFinalRefusal } from "../../../../../../embedded/providers/kubernetes/await/refusal.ts";
import {
  hasReadyEndpoint,
  leadsToPods,
} from "../../../../../../embedded/providers/kubernetes/await/service.ts";
import { judgeStatefulSet } from "../../../../../../embedded/providers/kubernetes/await/stateful-set.ts";
import type { Look } from "../../../../../../embedded/providers/kubernetes/await/verdict.ts";
import { condition, object } from "../objects.ts";

const look = { cluster: {} as Look["cluster"], elapsed: 0 };

describe("a Deployment", () => {
  const spec = { replicas: 2 };
  const judge = (status: object, more = {}) =>
    judgeRollout(object("Deployment", status, { ...spec, ...more }));

  it.each([
    [
      "its controller",
      { observedGeneration: 1, updatedReplicas: 2, replicas: 2, availableReplicas: 2 },
      /see the change/,
    ],
    ["new pods", { updatedReplicas: 1, replicas: 3, availableReplicas: 2 }, /1 of 2 pods updated/],
    ["old pods to end", { updatedReplicas: 2, replicas: 3, availableReplicas: 3 }, /1 old pods to end/],
    ["available pods", { updatedReplicas: 2, replicas: 2, availableReplicas: 1 }, /1 of 2 pods available/],
  ])("waits for %s", (_, status, waitingFor) => {
    expect(judge(status)).toEqual({ state: "waiting", waitingFor: expect.stringMatching(waitingFor) });
  });

  it("is ready when all pods are new and available", () => {
    expect(judge({ updatedReplicas: 2, replicas: 2, availableReplicas: 2 }).state).toBe("ready");
    expect(judge({}, { replicas: 0 }).state).toBe("ready");
    expect(judge({ replicas: 2 }, { paused: true }).state).toBe("ready");
  });

  it("fails when it makes no progress, with how far it came", () => {
    const conditions = [condition("Progressing", "False", "ProgressDeadlineExceeded")];
    const status = { conditions, updatedReplicas: 2, replicas: 2, availableReplicas: 1 };
    expect(judge(status, { progressDeadlineSeconds: 60 })).toEqual({
      state: "failed",
      reason: "Deployment ns/web made no progress for 60 s: 1 of 2 pods available, 2 updated",
    });
  });
});

describe("a StatefulSet", () => {
  const judge = (status: object, spec = {}) =>
    judgeStatefulSet(object("StatefulSet", status, { replicas: 3, ...spec })).state;

  it("is ready when all pods are new and ready", () => {
    expect(judge({ updatedReplicas: 3, readyReplicas: 3 })).toBe("ready");
    expect(judge({ updatedReplicas: 2, readyReplicas: 3 })).toBe("waiting");
    expect(judge({ updatedReplicas: 3, readyReplicas: 2 })).toBe("waiting");
    expect(judge({ observedGeneration: 1, updatedReplicas: 3, readyReplicas: 3 })).toBe("waiting");
  });

  it("does not wait for pods that are to stay old", () => {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
    expect(judge({ updatedReplicas: 1, readyReplicas: 3 }, { updateStrategy })).toBe("ready");
    expect(judge({ updatedReplicas: 0, readyReplicas: 3 }, { updateStrategy: { type: "OnDelete" } })).toBe(
      "ready",
    );
  });
});

it("a DaemonSet is ready when every node's pod is new and available", () => {
  const judge = (status: object) =>
    judgeDaemonSet(object("DaemonSet", { desiredNumberScheduled: 3, ...status })).state;
  expect(judge({ updatedNumberScheduled: 3, numberAvailable: 3 })).toBe("ready");
  expect(judge({ updatedNumberScheduled: 2, numberAvailable: 3 })).toBe("waiting");
  expect(judge({ updatedNumberScheduled: 3, numberAvailable: 2 })).toBe("waiting");
});

describe("a Job", () => {
  it("is ready when complete", () => {
    expect(judgeJob(object("Job", { conditions: [condition("Complete", "True")] })).state).toBe("ready");
    expect(judgeJob(object("Job", {}, { suspend: true })).state).toBe("ready");
  });

  it("fails with its own reason", () => {
    const conditions = [
      condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the backoff limit"),
    ];
    expect(judgeJob(object("Job", { conditions }))).toEqual({
      state: "failed",
      reason: "Job ns/web failed: BackoffLimitExceeded: Job has reached the backoff limit",
    });
  });

  it("says how far it is", () => {
    expect(judgeJob(object("Job", { active: 1, failed: 2 }))).toEqual({
      state: "waiting",
      waitingFor: "0 of 1 completed, 1 running, 2 failed",
    });
  });
});

describe("a Service", () => {
  it.each([
    [{ selector: { app: "web" } }, true],
    [{ selector: { app: "web" }, type: "ExternalName" }, false],
    [{ selector: {} }, false],
    [{}, false],
  ])("%j leads to pods: %s", (spec, leads) => {
    expect(leadsToPods(object("Service", {}, spec))).toBe(leads);
  });

  it("has an endpoint when one takes traffic", () => {
    const slice = (ready?: boolean) => ({
      ...object("EndpointSlice", {}),
      endpoints: [{ conditions: { ready } }],
    });
    expect(hasReadyEndpoint([])).toBe(false);
    expect(hasReadyEndpoint([slice(false)])).toBe(false);
    expect(hasReadyEndpoint([slice(false), slice(true)])).toBe(true);
  });
});

it("a CustomResourceDefinition fails when its names are taken", async () => {
  const conditions = [condition("NamesAccepted", "False", "Conflict", '"caches" is already in use')];
  const verdict = await customResourceDefinition.judge(
    object("CustomResourceDefinition", { conditions }),
    look,
  );
  expect(verdict).toEqual({ state: "failed", reason: 'its names are taken: "caches" is already in use' });
});

describe("pods that are refused", () => {
  it.each([
    ['pods "a" is forbidden: violates PodSecurity "restricted:latest": x', 0, true],
    ['admission webhook "check.example.com" denied the request: no', 0, true],
    ['ValidatingAdmissionPolicy "p" with binding "b" denied request: no', 0, true],
    ['pods "a" is forbidden: exceeded quota: q', 0, false],
    ['pods "a" is forbidden: exceeded quota: q', 20_000, true],
    ["etcdserver: request timed out", 20_000, false],
  ])("%s, after %s ms, are refused for good: %s", (message, elapsed, final) => {
    expect(isFinalRefusal(message, elapsed)).toBe(final);
  });
});

it("kinds without a notion of readiness are not waited for", () => {
  expect(waiterFor(object("ConfigMap", {}))).toBeUndefined();
});

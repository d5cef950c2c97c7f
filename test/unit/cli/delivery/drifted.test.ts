import { expect, test } from "vitest";
import { movedInCluster, movedInDeclaration } from "../../../../cli/delivery/drifted.ts";
import { planDigest } from "../../../../cli/delivery/plan-digest.ts";
import { stackFileDigest } from "../../../../cli/delivery/source.ts";
import { cutPlannedValues, withoutPlannedValues } from "../../../../embedded/engine/planned-values.ts";
import { stepsOf } from "../../../../review/steps.ts";
import { event, scaling } from "./engine.ts";

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "x" };

test("what somebody changed in the cluster is told with what it was", () => {
  expect(movedInCluster([event(scaling, "done")])).toEqual([
    expect.objectContaining({ moved: "cluster", property: "spec.minReplicas", found: "2 → 3" }),
  ]);
  expect(movedInCluster([event({ op: "delete" }, "done")])).toEqual([
    expect.objectContaining({ property: "", found: "is gone" }),
  ]);
});

test.each([
  ["HorizontalPodAutoscaler", "status.currentReplicas"],
  ["Deployment", "spec.replicas"],
  ["Deployment", "metadata.managedFields"],
])("of a %s, %s is no drift", (kind, path) => {
  expect(movedInCluster([event({ op: "update", kind, differs: [path] }, "done")])).toEqual([]);
});

test("a refresh that finds all as it was is no drift", () => {
  expect(movedInCluster([event({ ...scaling, op: "same" }, "done"), event(scaling, "before")])).toEqual([]);
});

test("a secret that moved is told without its value", () => {
  const changed = {
    op: "update",
    kind: "Secret",
    before: { data: secret },
    after: { data: secret },
    differs: ["data"],
  };
  expect(movedInDeclaration(stepsOf([event(changed)]))).toEqual([
    expect.objectContaining({ moved: "declared", property: "data", found: "differs" }),
  ]);
});

test("a plan's digest is that of its steps, whatever their order", () => {
  const job = event({ op: "create", kind: "Job" });
  const [one, other] = [planDigest([event(scaling), job]), planDigest([job, event(scaling)])];
  expect(one).toBe(other);
  expect(planDigest([event({ ...scaling, differs: ["spec.maxReplicas"] }), job])).not.toBe(one);
  expect(planDigest([event({ ...scaling, op: "replace" }), job])).not.toBe(one);
  expect(planDigest([event({ ...scaling, after: { spec: {} } }), job])).not.toBe(one);
  expect(planDigest([event(scaling)])).not.toBe(one);
});

test("a plan's digest tells nothing of a secret's value", () => {
  const of = (value: string) => planDigest([event({ op: "create", after: { data: { ...secret, value } } })]);
  expect(of("one")).toBe(of("other"));
});

test("the digest of a stack's file is that of what it says", () => {
  const said = stackFileDigest("config:\n  attic:a: 1\n  attic:b: 2\n");
  expect(stackFileDigest("# note\nencryptionsalt: v1\nconfig: { attic:b: 2, attic:a: 1 }\n")).toBe(said);
  expect(stackFileDigest("config:\n  attic:a: 1\n  attic:b: 3\n")).not.toBe(said);
});

test("the engine's words about a plan lose the values that they quote", () => {
  const said = 'resource x violates plan: properties changed: {"secret":"hunter2"}';
  expect(cutPlannedValues(said)).toBe("resource x violates plan");
  const event = { diagnosticEvent: { message: said, severity: "error" } };
  expect(JSON.stringify(withoutPlannedValues(event as never))).not.toContain("hunter2");
  expect(cutPlannedValues("another error: hunter2")).toBe("another error: hunter2");
});

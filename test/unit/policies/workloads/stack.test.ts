import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { autoscalerBounds, autoscalerOwnsReplicas } from "../../../../policies/workloads/autoscaler.ts";
import { disruptionBudget } from "../../../../policies/workloads/disruption-budget.ts";
import { replicasSpread } from "../../../../policies/workloads/replicas-spread.ts";
import { ownServiceAccount } from "../../../../policies/workloads/service-account.ts";
import { api, autoscaler, budget, change, collector, serviceAccount } from "../fixtures.ts";
import { fields, judge, only } from "../support.ts";

const stack = (
  changes: Partial<Record<"api" | "autoscaler" | "budget", Record<string, unknown>>> = {},
): SubjectValues[] => [
  change(api(), changes.api ?? {}),
  change(autoscaler(), changes.autoscaler ?? {}),
  change(budget(), changes.budget ?? {}),
  collector(),
  serviceAccount("attic"),
  serviceAccount("attic-gc"),
];

test.each([ownServiceAccount, disruptionBudget, replicasSpread, autoscalerBounds, autoscalerOwnsReplicas])(
  "$name has nothing against a stack without mistakes",
  (policy) => {
    expect(judge(policy, stack())).toEqual({ findings: [], open: [], unusedExceptions: [] });
  },
);

describe("a ServiceAccount", () => {
  const POD = "spec.template.spec.serviceAccountName";

  test.each([
    ["that every pod has", { [POD]: undefined }, "the workload uses the account"],
    ["called default", { [POD]: "default" }, "the workload uses the account"],
    ["that nobody makes", { [POD]: "atic" }, "the stack makes no such ServiceAccount"],
    ["of another workload", { [POD]: "attic-gc" }, "uses the same account"],
    ["of another namespace", { "metadata.namespace": "other" }, "the stack makes no such ServiceAccount"],
  ])("%s is found", (_, changes, problem) => {
    expect(only(judge(ownServiceAccount, stack({ api: changes }))).problem).toContain(problem);
  });

  test("that is not known yet is left open", () => {
    const { findings, open } = judge(ownServiceAccount, stack({ api: { [POD]: UNKNOWN } }));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("a disruption budget", () => {
  test.each([
    ["is missing", { "metadata.namespace": "other" }, "0 PodDisruptionBudgets"],
    ["selects other pods", { "spec.selector.matchLabels": { app: "x" } }, "0 PodDisruptionBudgets"],
    ["lets no pod go", { "spec.maxUnavailable": 0 }, "of 2 pods none may go"],
    ["lets no pod go, in per cent", { "spec.maxUnavailable": "0%" }, "of 2 pods none may go"],
    ["needs all pods", { "spec.maxUnavailable": undefined, "spec.minAvailable": 2 }, "of 2 pods none may go"],
    [
      "needs all pods, in per cent",
      { "spec.maxUnavailable": undefined, "spec.minAvailable": "100%" },
      "of 2 pods none may go",
    ],
  ])("that %s is found", (_, changes, problem) => {
    expect(only(judge(disruptionBudget, stack({ budget: changes }))).problem).toContain(problem);
  });

  test("beside another one is found: together they let none go", () => {
    const second = { ...change(budget(), {}), name: "second", urn: "urn:second" };
    expect(only(judge(disruptionBudget, [...stack(), second])).problem).toContain("2 PodDisruptionBudgets");
  });

  test("that leaves one to go is fine, and a single pod needs none", () => {
    const one = { "spec.maxUnavailable": undefined, "spec.minAvailable": 1 };
    expect(judge(disruptionBudget, stack({ budget: one })).findings).toEqual([]);
    expect(judge(disruptionBudget, [collector()]).findings).toEqual([]);
  });
});

describe("pods", () => {
  const PATH = "spec.template.spec.topologySpreadConstraints";

  test("that nothing spreads are found, over zones and over nodes", () => {
    const { findings } = judge(replicasSpread, stack({ api: { [PATH]: undefined } }));
    expect(findings.map(({ problem }) => problem)).toEqual([
      "nothing spreads the pods over topology.kubernetes.io/zone",
      "nothing spreads the pods over kubernetes.io/hostname",
    ]);
  });

  test("that a constraint for others spreads are found", () => {
    const others = { [`${PATH}.0.labelSelector.matchLabels`]: { app: "other" } };
    expect(fields(judge(replicasSpread, stack({ api: others })))).toEqual([PATH]);
  });

  test("must be spread whatever it costs only where the stack says so", () => {
    const soft = stack({ api: { [`${PATH}.0.whenUnsatisfiable`]: "ScheduleAnyway" } });
    expect(judge(replicasSpread, soft).findings).toEqual([]);
    const required = { required: ["topology.kubernetes.io/zone"] };
    expect(only(judge(replicasSpread, soft, required)).found).toBe('"ScheduleAnyway"');
  });
});

describe("an autoscaler", () => {
  test.each([
    ["below the least", { "spec.minReplicas": 1 }, {}, ["spec.minReplicas"]],
    ["without a least", { "spec.minReplicas": undefined }, {}, ["spec.minReplicas"]],
    ["above the most", { "spec.maxReplicas": 21 }, {}, ["spec.maxReplicas"]],
    ["upside down", { "spec.minReplicas": 11 }, {}, ["spec.maxReplicas"]],
    ["outside of a stack's own bounds", {}, { least: 3, most: 9 }, ["spec.maxReplicas", "spec.minReplicas"]],
  ])("%s is found", (_, changes, config, found) => {
    expect(fields(judge(autoscalerBounds, change(autoscaler(), changes), config))).toEqual(found);
  });

  test.each([
    ["of nothing", { "spec.scaleTargetRef.name": "atic" }],
    ["of another kind", { "spec.scaleTargetRef.kind": "StatefulSet" }],
    ["in another namespace", { "metadata.namespace": "x" }],
  ])("%s is found, and the Deployment that nothing scales", (_, autoscaler) => {
    expect(fields(judge(autoscalerOwnsReplicas, stack({ autoscaler })))).toEqual([
      "spec.replicas",
      "spec.scaleTargetRef",
    ]);
  });

  test("whose Deployment has a number of replicas is found", () => {
    const changes = { api: { "spec.replicas": 3 } };
    expect(only(judge(autoscalerOwnsReplicas, stack(changes))).field).toBe("spec.replicas");
  });

  test("beside another one is found", () => {
    const second = { ...autoscaler(), name: "second", urn: "urn:second" };
    expect(only(judge(autoscalerOwnsReplicas, [...stack(), second])).problem).toContain(
      "several autoscalers",
    );
  });

  test("whose bounds are not known yet is left open", () => {
    const { findings, open } = judge(autoscalerBounds, change(autoscaler(), { "spec.maxReplicas": UNKNOWN }));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

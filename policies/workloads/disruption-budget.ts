import type { policy } from "@pulumi/kubernetes/types/output.js";
import { type LabelSelector, namespaceOf, podOf, selects, specOf } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { ofKind } from "../framework/subject.ts";
import { replicasOf } from "./replicas.ts";

/** Without one, draining the nodes of a cluster takes all pods of a server at once. */
export const disruptionBudget = stackPolicy({
  name: "disruption-budget",
  description:
    "Workloads of several pods have a PodDisruptionBudget that lets some go at a time, neither none nor all.",
  level: "mandatory",
  *check(stack) {
    yield* each(ofKind(stack, "apps/Deployment", "apps/StatefulSet"), function* (resource) {
      const { least } = replicasOf(stack, resource);
      if (least < 2) return;
      const labels = podOf(resource)?.labels ?? {};
      const budgets = ofKind(stack, "policy/PodDisruptionBudget").filter((budget) => {
        const { selector } = specOf<policy.v1.PodDisruptionBudgetSpec>(budget);
        return (
          namespaceOf(budget) === namespaceOf(resource) && selects((selector ?? {}) as LabelSelector, labels)
        );
      });
      if (budgets.length !== 1) {
        yield {
          resource,
          field: "spec.template.metadata.labels",
          found: labels,
          problem: `${budgets.length} PodDisruptionBudgets select its pods; with several, Kubernetes lets none go`,
          fix: "Make one that selects them.",
        };
      }
      yield* each(budgets, function* (budget) {
        const { maxUnavailable, minAvailable } = specOf<policy.v1.PodDisruptionBudgetSpec>(budget);
        const none = Number.parseInt(String(maxUnavailable ?? 1), 10) === 0;
        const all = minAvailable === "100%" || Number(minAvailable) >= least;
        const most = String(maxUnavailable ?? "");
        if (most === "100%" || (!most.endsWith("%") && Number(most) >= least)) {
          yield {
            resource: budget,
            field: "spec.maxUnavailable",
            found: maxUnavailable,
            problem: `of ${least} pods all may go at once, which is what it is there to prevent`,
            fix: "Set maxUnavailable: 1.",
          };
        }
        if (!none && !all) return;
        yield {
          resource: budget,
          field: none ? "spec.maxUnavailable" : "spec.minAvailable",
          found: none ? maxUnavailable : minAvailable,
          problem: `of ${least} pods none may go, so that no node can be drained`,
          fix: "Set maxUnavailable: 1.",
        };
      });
    });
  },
});

import { namespaceOf, podKinds } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { ofKind } from "../framework/subject.ts";
import { policiesIn, policyOf } from "./network-policy.ts";

/** A pod that nobody thought of must reach nobody, and nobody must reach it. */
export const defaultDeny = stackPolicy({
  name: "default-deny",
  description: "Every namespace with pods has a NetworkPolicy that denies all pods everything, both ways.",
  level: "mandatory",
  *check(stack) {
    const workloads = ofKind(stack, ...podKinds, "postgresql.cnpg.io/Cluster");
    yield* each([...new Set(workloads.map(namespaceOf))], function* (namespace) {
      const denied = policiesIn(stack, namespace)
        .map(policyOf)
        .filter(
          ({ podSelector: { matchLabels = {}, matchExpressions = [] } = {}, ingress = [], egress = [] }) =>
            Object.keys(matchLabels).length + matchExpressions.length + ingress.length + egress.length === 0,
        )
        .flatMap(({ policyTypes = ["Ingress"] }) => policyTypes);
      for (const direction of ["Ingress", "Egress"]) {
        if (denied.includes(direction)) continue;
        yield {
          resource: workloads.find((each) => namespaceOf(each) === namespace),
          field: "metadata.namespace",
          found: namespace,
          problem: `no NetworkPolicy of the namespace denies ${direction.toLowerCase()} to every pod`,
          fix: "Leave attic:network.enabled on, or make one with podSelector: {} and both policyTypes.",
        };
      }
    });
  },
});

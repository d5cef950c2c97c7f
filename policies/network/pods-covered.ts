import {
  type LabelSelector,
  nameOf,
  namespaceOf,
  podKinds,
  podOf,
  selects,
} from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { ofKind, type Subject } from "../framework/subject.ts";
import { policiesIn, policyOf } from "./network-policy.ts";

/** With everything denied, a workload that no policy names starts and then times out at every connection. */
export const podsCovered = stackPolicy({
  name: "pods-covered",
  description: "The pods of every workload are selected by a NetworkPolicy that allows them something.",
  level: "mandatory",
  *check(stack) {
    const workloads = ofKind(stack, ...podKinds, "postgresql.cnpg.io/Cluster");
    yield* each(workloads, function* (resource) {
      const policies = policiesIn(stack, namespaceOf(resource)).map(policyOf);
      if (policies.length === 0) return; // Nothing is denied, which default-deny tells.
      const labels = labelsOf(resource);
      const allowing = policies.filter(
        ({ podSelector, ingress = [], egress = [] }) =>
          ingress.length + egress.length > 0 && selects((podSelector ?? {}) as LabelSelector, labels),
      );
      if (allowing.length > 0) return;
      yield {
        resource,
        field: "spec.template.metadata.labels",
        found: labels,
        problem: "its pods may talk to nobody: no NetworkPolicy that allows anything selects them",
        fix: "Add a policy for them in components/network/policies.ts.",
      };
    });
  },
});

/** The labels of a workload's pods; of a database's instances, as CloudNativePG sets them. */
function labelsOf(workload: Subject): Record<string, string> {
  return podOf(workload)?.labels ?? { "cnpg.io/cluster": nameOf(workload), "cnpg.io/podRole": "instance" };
}

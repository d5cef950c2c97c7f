import { type LabelSelector, podOf, selects } from "../framework/kubernetes.ts";
import { each, stackPolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { ofKind } from "../framework/subject.ts";
import { replicasOf } from "./replicas.ts";

/** Several pods on one node, or in one zone, go down together. */
export const replicasSpread = stackPolicy({
  name: "replicas-spread",
  description: "Workloads of several pods are spread over nodes and zones.",
  level: "mandatory",
  settings: {
    over: list(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], "what pods must be spread over"),
    required: list([], "those of it that the scheduler must not give up when it cannot spread evenly"),
  },
  *check(stack, { over, required }) {
    yield* each(ofKind(stack, "apps/Deployment", "apps/StatefulSet"), function* (resource) {
      if (replicasOf(stack, resource).most < 2) return;
      const pod = podOf(resource);
      const constraints = (pod?.spec.topologySpreadConstraints ?? []).filter(({ labelSelector }) =>
        selects((labelSelector ?? {}) as LabelSelector, pod?.labels ?? {}),
      );
      for (const key of new Set([...over, ...required])) {
        const found = constraints.find(({ topologyKey }) => topologyKey === key);
        if (found && (!required.includes(key) || found.whenUnsatisfiable === "DoNotSchedule")) continue;
        yield {
          resource,
          field: `${pod?.path}.topologySpreadConstraints`,
          found: found?.whenUnsatisfiable,
          problem: found
            ? `pods are spread over ${key} only as long as it is convenient`
            : `nothing spreads the pods over ${key}`,
          fix: `Add a constraint for ${key}${required.includes(key) ? " with whenUnsatisfiable: DoNotSchedule" : ""} that selects the pods.`,
        };
      }
    });
  },
});

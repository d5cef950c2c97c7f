import { eachContainer, serverKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";

/** Kubernetes counts the pause before the end in the grace period: what is left is for requests under way. */
export const gracePeriod = resourcePolicy({
  name: "grace-period",
  description: "Pods have time left to end their requests after the pause that comes first.",
  level: "mandatory",
  kinds: serverKinds,
  settings: { margin: integer(10, "seconds that must be left after the pause") },
  *check(subject, { margin }) {
    yield* eachContainer(subject, function* ({ lifecycle, ports }, field, pod) {
      const seconds = lifecycle?.preStop?.sleep?.seconds;
      if (ports?.length && !lifecycle?.preStop) {
        yield {
          field: `${field}.lifecycle.preStop`,
          problem: "the server ends while it is still being sent requests",
          fix: "Have it sleep first, until everybody knows that it is going.",
        };
      }
      const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
      if (seconds === undefined || grace >= seconds + margin) return;
      yield {
        field: `${pod.path}.terminationGracePeriodSeconds`,
        found: grace,
        problem: `the pause takes ${seconds} s of it, so that ${Math.max(0, grace - seconds)} s are left to end requests`,
        fix: `Make it ${seconds + margin} at least.`,
      };
    });
  },
});

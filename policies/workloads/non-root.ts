import { eachContainer, podKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

/** Root in a container is one kernel bug away from root on the node. */
export const nonRoot = resourcePolicy({
  name: "non-root",
  description: "No container runs as root.",
  level: "mandatory",
  kinds: podKinds,
  *check(subject) {
    yield* eachContainer(subject, function* ({ securityContext: own = {} }, field, pod) {
      const whole = pod.spec.securityContext ?? {};
      const runAsNonRoot = own.runAsNonRoot ?? whole.runAsNonRoot;
      if (runAsNonRoot !== true) {
        yield {
          field: `${field}.securityContext.runAsNonRoot`,
          found: runAsNonRoot,
          problem: "nothing keeps the container from running as root",
          fix: "Set runAsNonRoot: true for the pod or the container.",
        };
      }
      const runAsUser = own.runAsUser ?? whole.runAsUser;
      if (runAsUser === 0) {
        yield {
          field: `${field}.securityContext.runAsUser`,
          found: runAsUser,
          problem: "user 0 is root",
          fix: "Name any other user.",
        };
      }
    });
  },
});

import { eachContainer, podKinds, podOf } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

const ALLOWED = ["RuntimeDefault", "Localhost"];

/** The runtime's profile leaves out the system calls that break-outs are made of. */
export const seccomp = resourcePolicy({
  name: "seccomp",
  description: "Every container runs with the runtime's seccomp profile.",
  level: "mandatory",
  kinds: podKinds,
  *check(subject) {
    yield* eachContainer(subject, function* ({ securityContext }, field, pod) {
      const profile = securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile;
      if (profile?.type !== undefined && ALLOWED.includes(profile.type)) return;
      yield {
        field: `${field}.securityContext.seccompProfile.type`,
        found: profile?.type,
        problem: "every system call is allowed",
        fix: "Set seccompProfile: { type: RuntimeDefault } for the pod.",
      };
    });
  },
  remediate(subject) {
    const pod = podOf(subject);
    if (pod === undefined || pod.spec.securityContext?.seccompProfile !== undefined) return false;
    // A profile for the pod is none for a container that has its own, Unconfined say: that stays a finding.
    pod.spec.securityContext ??= {};
    pod.spec.securityContext.seccompProfile = { type: "RuntimeDefault" };
    return true;
  },
});

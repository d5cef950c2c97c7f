import { nameOf, podKinds, podOf } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";

/** A token of the Kubernetes API in a pod that never asks it anything is of use to an intruder alone. */
export const noApiToken = resourcePolicy({
  name: "no-api-token",
  description: "Pods get no token of the Kubernetes API unless they are listed.",
  level: "mandatory",
  kinds: [...podKinds, "core/ServiceAccount"],
  settings: { allowed: list([], "names of workloads and ServiceAccounts that talk to the Kubernetes API") },
  *check(subject, { allowed }) {
    if (allowed.includes(nameOf(subject))) return;
    const pod = podOf(subject);
    const found = pod ? pod.spec.automountServiceAccountToken : subject.object?.automountServiceAccountToken;
    if (found === false) return;
    yield {
      field: pod ? `${pod.path}.automountServiceAccountToken` : "automountServiceAccountToken",
      found,
      problem: "a token of the Kubernetes API is mounted",
      fix: "Set it to false, or list the workload in the setting `allowed`.",
    };
  },
});

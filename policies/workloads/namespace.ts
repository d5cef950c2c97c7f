import { resourcePolicy } from "../framework/policy.ts";

const LABEL = "pod-security.kubernetes.io/enforce";

/** The API server itself then refuses pods that these policies have never seen. */
export const restrictedNamespace = resourcePolicy({
  name: "restricted-namespace",
  description: "Every namespace enforces the Pod Security level `restricted`.",
  level: "mandatory",
  kinds: ["core/Namespace"],
  *check({ object }) {
    const found = object?.metadata?.labels?.[LABEL];
    if (found === "restricted") return;
    yield {
      field: `metadata.labels["${LABEL}"]`,
      found,
      problem: "pods may do what no pod of the stack needs",
      fix: "Set it to restricted.",
    };
  },
});

import { resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";

/** Values that are the same for all; what an object is called and does, nobody but its author knows. */
const KNOWN: Readonly<Record<string, string>> = {
  "app.kubernetes.io/part-of": "attic",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** Objects without the recommended labels are missing in dashboards, policies and `kubectl get -l`. */
export const recommendedLabels = resourcePolicy({
  name: "recommended-labels",
  description: "Every Kubernetes object has the recommended labels.",
  level: "mandatory",
  settings: {
    labels: list(
      ["app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"],
      "labels that every object must have",
    ),
    named: list(
      ["app.kubernetes.io/name", "app.kubernetes.io/component"],
      "labels that every object but a Namespace must have",
    ),
  },
  *check({ object, kind }, { labels, named }) {
    if (!object) return;
    const wanted = kind === "core/Namespace" ? labels : [...labels, ...named];
    const there = object.metadata?.labels ?? {};
    for (const label of wanted) {
      if (there[label]) continue;
      yield {
        field: `metadata.labels["${label}"]`,
        problem: "a recommended label is missing",
        fix: "Build the object with labels() of components/kubernetes/labels.ts.",
      };
    }
  },
  remediate({ object }, { labels }) {
    const missing = labels.filter((label) => KNOWN[label] && !object?.metadata?.labels?.[label]);
    if (!object?.metadata || missing.length === 0) return false;
    object.metadata.labels ??= {};
    for (const label of missing) object.metadata.labels[label] = KNOWN[label] as string;
    return true;
  },
});

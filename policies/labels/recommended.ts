import { resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";

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
  remediate(properties, { labels }) {
    const { metadata } = properties as { metadata?: { labels?: Record<string, string> } };
    // What the object is called and does, nobody but its author knows.
    const known: Record<string, string> = {
      "app.kubernetes.io/part-of": "attic",
      "app.kubernetes.io/managed-by": "pulumi",
    };
    if (metadata === undefined || properties.kind === undefined) return false;
    const missing = labels.filter((label) => known[label] && !metadata.labels?.[label]);
    if (missing.length === 0) return false;
    metadata.labels ??= {};
    for (const label of missing) metadata.labels[label] = known[label] as string;
    return true;
  },
});

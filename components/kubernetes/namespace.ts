import * as kplus from "cdk8s-plus-27";
import { type Manifest, manifests, ofKind } from "./manifest.ts";

/** A namespace whose pods must meet the `restricted` Pod Security level; anything less is refused on admission. */
export function restrictedNamespace(name: string, partOf: string): Manifest {
  const level = "restricted";
  const built = manifests(name, (chart) => {
    new kplus.Namespace(chart, "namespace", {
      metadata: {
        name,
        labels: {
          "app.kubernetes.io/part-of": partOf,
          "app.kubernetes.io/managed-by": "pulumi",
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/audit": level,
          "pod-security.kubernetes.io/warn": level,
        },
      },
    });
  });
  const namespace = ofKind("Namespace", built);
  // A namespace lies in no namespace.
  delete namespace.metadata.namespace;
  return namespace;
}

import { partOf } from "../../components/attic/names.ts";
import { type Identity, labels } from "../../components/kubernetes/labels.ts";

/** Labels of an object that a command makes, and that Pulumi knows nothing of. */
export const byHand = (identity: Pick<Identity, "name" | "component">): Record<string, string> => ({
  ...labels({ ...identity, partOf }),
  "app.kubernetes.io/managed-by": "atticctl",
});

import type { rbac } from "@pulumi/kubernetes/types/output.js";
import type { Partially } from "../framework/kubernetes.ts";
import { each, resourcePolicy } from "../framework/policy.ts";

/** Whoever asks, with a login or without one. */
const EVERYBODY = [
  "system:anonymous",
  "system:authenticated",
  "system:serviceaccounts",
  "system:unauthenticated",
];

/** What a pod's token, or any login, can do in the cluster is what roles are bound to it. */
export const noBroadBindings = resourcePolicy({
  name: "no-broad-bindings",
  description: "No binding makes anybody the cluster's administrator, or gives a role to everybody.",
  level: "mandatory",
  kinds: ["rbac.authorization.k8s.io/ClusterRoleBinding", "rbac.authorization.k8s.io/RoleBinding"],
  *check({ object }) {
    const binding = (object ?? {}) as Partially<rbac.v1.ClusterRoleBinding>;
    if (binding.roleRef?.name === "cluster-admin") {
      yield {
        field: "roleRef.name",
        found: "cluster-admin",
        problem: "whoever it is bound to may do everything, and read every Secret",
        fix: "Bind a role that names what is needed.",
      };
    }
    yield* each(binding.subjects, function* ({ name = "" }, index) {
      if (!EVERYBODY.includes(name) && name !== "system:masters") return;
      yield {
        field: `subjects[${index}].name`,
        found: name,
        problem:
          name === "system:masters"
            ? "nothing that is bound to the group can be refused or taken back"
            : "everybody has the role, or every pod of the cluster",
        fix: "Name the ServiceAccounts, users or groups that need it.",
      };
    });
  },
});

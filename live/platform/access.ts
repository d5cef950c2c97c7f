import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";

/** One rule of a role. */
export interface Rule {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
}

/** A namespace whose pods must meet the `restricted` Pod Security level, as those of the stack do. */
export function restricted(name: string): KubeObject {
  const metadata = { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
  return { apiVersion: "v1", kind: "Namespace", metadata };
}

/** A ServiceAccount, and what it may do in every namespace. */
export function access(name: string, namespace: string, rules: readonly Rule[]): KubeObject[] {
  const group = "rbac.authorization.k8s.io";
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: group, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

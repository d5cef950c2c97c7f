import { describe, expect, test } from "vitest";
import type { SubjectValues } from "../../../../policies/framework/subject.ts";
import { noBroadBindings } from "../../../../policies/workloads/broad-bindings.ts";
import { judge, kubernetes, only } from "../support.ts";

interface Binding {
  role?: string;
  subjects?: { kind: string; name: string }[];
}

const attic = { kind: "ServiceAccount", name: "attic" };

const binding = (kind: string, { role = "attic", subjects = [attic] }: Binding): SubjectValues => {
  const made = kubernetes({ apiVersion: "rbac.authorization.k8s.io/v1", kind });
  return {
    ...made,
    properties: { ...made.properties, roleRef: { kind: "ClusterRole", name: role }, subjects },
  };
};

describe.each(["ClusterRoleBinding", "RoleBinding"])("a %s", (kind) => {
  test.each<[string, Binding]>([
    ["of a role to a ServiceAccount", {}],
    [
      "to the ServiceAccounts of a namespace",
      { subjects: [{ kind: "Group", name: "system:serviceaccounts:nix-cache" }] },
    ],
    ["to nobody", { subjects: [] }],
  ])("%s is fine", (_, values) => {
    expect(judge(noBroadBindings, binding(kind, values)).findings).toEqual([]);
  });

  test("to the cluster's administrator is found", () => {
    const { field, found } = only(judge(noBroadBindings, binding(kind, { role: "cluster-admin" })));
    expect([field, found]).toEqual(["roleRef.name", '"cluster-admin"']);
  });

  test.each([
    ["Group", "system:authenticated"],
    ["Group", "system:unauthenticated"],
    ["Group", "system:serviceaccounts"],
    ["Group", "system:masters"],
    ["User", "system:anonymous"],
  ])("to the %s %s is found", (subject, name) => {
    const subjects = [attic, { kind: subject, name }];
    const { field, found } = only(judge(noBroadBindings, binding(kind, { subjects })));
    expect([field, found]).toEqual(["subjects[1].name", JSON.stringify(name)]);
  });
});

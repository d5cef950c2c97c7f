import { describe, expect, it } from "vitest";
import { ApiError, warningsOf } from "../../../../../embedded/providers/kubernetes/api.ts";
import { stillThere } from "../../../../../embedded/providers/kubernetes/delete.ts";
import {
  alreadyExists,
  explain,
  isNamespaceMissing,
} from "../../../../../embedded/providers/kubernetes/explain.ts";
import { condition, object } from "./objects.ts";

const web = object("Deployment", {});

describe("a refusal", () => {
  it("for a conflict names each field with its manager, and the ways out", () => {
    const causes = [
      {
        reason: "FieldManagerConflict",
        field: ".spec.replicas",
        message: 'conflict with "kubectl" using apps/v1',
      },
      {
        reason: "FieldManagerConflict",
        field: ".spec.paused",
        message: 'conflict with "argo" using apps/v1',
      },
    ];
    const error = explain(
      new ApiError({ code: 409, message: "Apply failed", details: { causes } }),
      web,
    ) as Error;
    expect(error.message).toBe(
      [
        "Deployment ns/web: another field manager has set values that this program sets differently:",
        '  .spec.replicas is set by "kubectl"',
        '  .spec.paused is set by "argo"',
        "Either leave these fields to it (take them out of the program), or take them over once with the annotation " +
          'pulumi.com/patchForce: "true" on the object.',
      ].join("\n"),
    );
  });

  it("for anything else is the API server's own message, with the object's name", () => {
    const error = explain(
      new ApiError({ code: 422, message: "spec.replicas: Invalid value: -1" }),
      web,
    ) as Error;
    expect(error.message).toBe("Deployment ns/web: spec.replicas: Invalid value: -1");
  });

  it("of what is there already says how to have it", () => {
    const { message } = alreadyExists(web, "kubernetes:apps/v1:Deployment", "web");
    expect(message).toContain("Deployment ns/web already exists");
    expect(message).toContain("pulumi import kubernetes:apps/v1:Deployment web ns/web");
  });
});

it("a missing namespace is told from a missing object", () => {
  const absent = (kind: string, name: string) =>
    new ApiError({ code: 404, message: `${kind} "${name}" not found`, details: { kind, name } });
  expect(isNamespaceMissing(absent("namespaces", "nix-cache"))).toBe(true);
  expect(isNamespaceMissing(absent("configmaps", "a"))).toBe(false);
});

it("an object that does not go says what holds it", () => {
  const finalizers = ["cnpg.io/cleanup"];
  const conditions = [
    condition("NamespaceFinalizersRemaining", "True", "", "Some content has finalizers remaining"),
  ];
  expect(stillThere(object("Namespace", { conditions }, {}, { finalizers }), 5)).toBe(
    [
      "Namespace ns/web is still there 5 s after it was deleted.",
      "Finalizers hold it: cnpg.io/cleanup. Their controllers must finish, or be running at all.",
      "  Some content has finalizers remaining",
    ].join("\n"),
  );
});

it("the server's warnings are read from its header", () => {
  expect(warningsOf('299 - "v1 Endpoints is deprecated", 299 - "say \\"hello\\", twice"')).toEqual([
    "v1 Endpoints is deprecated",
    'say "hello", twice',
  ]);
});

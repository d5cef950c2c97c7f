import { describe, expect, it } from "vitest";
import { ApiError } from "../../../../../embedded/providers/kubernetes/api.ts";
import { parseSettings } from "../../../../../embedded/providers/kubernetes/config.ts";
import { gvkOfToken } from "../../../../../embedded/providers/kubernetes/gvk.ts";
import {
  immutableFields,
  markImmutable,
  markRefused,
} from "../../../../../embedded/providers/kubernetes/immutable.ts";

function marked(token: string, path: string, config = {}, oldInputs = {}) {
  const settings = parseSettings(config, {});
  return markImmutable({ [path]: "update" }, gvkOfToken(`kubernetes:${token}`), oldInputs, settings)[path];
}

describe("differences that replace an object", () => {
  it.each([
    ["apps/v1:Deployment", "metadata.name", "update-replace"],
    ["apps/v1:Deployment", "metadata.namespace", "update-replace"],
    ["apps/v1:Deployment", "metadata.labels.a", "update"],
    ["apps/v1:Deployment", "spec.selector.matchLabels.a", "update-replace"],
    ["apps/v1:Deployment", "spec.replicas", "update"],
    ["apps/v1:StatefulSet", "spec.volumeClaimTemplates[0].spec.resources.requests.storage", "update-replace"],
    ["batch/v1:Job", "spec.template.spec.containers[0].image", "update-replace"],
    ["batch/v1:CronJob", "spec.jobTemplate", "update"],
    ["rbac.authorization.k8s.io/v1:RoleBinding", "roleRef.name", "update-replace"],
    ["core/v1:Pod", "spec.containers[0].image", "update"],
    ["core/v1:Pod", "spec.containers[0].env[0].value", "update-replace"],
    ["core/v1:Pod", "spec.nodeName", "update-replace"],
    ["core/v1:ConfigMap", "data.a", "update-replace"],
    ["core/v1:Secret", "stringData.a", "update-replace"],
    ["core/v1:Secret", "type", "update-replace"],
  ])("%s %s: %s", (token, path, kind) => {
    expect(marked(token, path)).toBe(kind);
  });

  it("do not include contents that the provider may change in place", () => {
    expect(marked("core/v1:ConfigMap", "data.a", { enableConfigMapMutable: "true" })).toBe("update");
    expect(marked("core/v1:Secret", "data.a", { enableSecretMutable: true })).toBe("update");
  });

  it("include those even then, if the object is immutable", () => {
    const config = { enableConfigMapMutable: "true" };
    expect(marked("core/v1:ConfigMap", "data.a", config, { immutable: true })).toBe("update-replace");
  });
});

describe("the API server's own word on immutability", () => {
  const refused = (message: string, field: string, code = 422) =>
    immutableFields(new ApiError({ code, details: { causes: [{ field, message }] } }));

  it.each([
    ["Invalid value: …: field is immutable", "spec.selector"],
    ["Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden", "spec"],
    ["Invalid value: []: may not change once set", "spec.clusterIPs[0]"],
    ["Invalid value: …: cannot change roleRef", "roleRef"],
    ['Invalid value: "object": Value is immutable', "spec.bootstrap"],
  ])("is recognised in: %s", (message, field) => {
    expect(refused(message, field)).toEqual([field]);
  });

  it("is not seen in other refusals", () => {
    expect(refused("Invalid value: -1: must be greater than or equal to 0", "spec.replicas")).toEqual([]);
    expect(refused("field is immutable", "spec", 409)).toEqual([]);
  });

  it("marks the differences at, above and below the field", () => {
    const diff = { "spec.a.b": "update", "spec.c": "add", metadata: "update" } as const;
    expect(markRefused(diff, ["spec.a"])).toEqual({ ...diff, "spec.a.b": "update-replace" });
  });

  it("stands for itself when the field is one the program does not set", () => {
    expect(markRefused({ "spec.c": "add" }, ["spec.a"])).toEqual({
      "spec.c": "add",
      "spec.a": "update-replace",
    });
  });
});

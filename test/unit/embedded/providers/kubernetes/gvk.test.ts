import { describe, expect, it } from "vitest";
import {
  apiVersionOf,
  gvkOf,
  gvkOfToken,
  unsupported,
} from "../../../../../embedded/providers/kubernetes/gvk.ts";
import { isNamespaced } from "../../../../../embedded/providers/kubernetes/scope.ts";

it.each([
  ["kubernetes:core/v1:Namespace", "v1", "Namespace"],
  ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"],
  ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "autoscaling/v2", "HorizontalPodAutoscaler"],
  ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "networking.k8s.io/v1", "NetworkPolicy"],
  ["kubernetes:traefik.io/v1alpha1:IngressRoute", "traefik.io/v1alpha1", "IngressRoute"],
])("%s is %s %s", (token, apiVersion, kind) => {
  const gvk = gvkOfToken(token);
  expect([apiVersionOf(gvk), gvk.kind]).toEqual([apiVersion, kind]);
});

it("an object's own apiVersion and kind come before its token's", () => {
  const gvk = gvkOf(
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
    "kubernetes:policy/v1beta1:Pdb",
  );
  expect(gvk).toEqual({ group: "policy", version: "v1", kind: "PodDisruptionBudget" });
});

describe("types the stand-in does not do", () => {
  it("are not guessed from the name of a custom kind", () => {
    expect(unsupported("kubernetes:example.com/v1:AllowList")).toBeUndefined();
  });

  it.each([
    ["kubernetes:helm.sh/v3:Release", /Helm/],
    ["kubernetes:yaml:ConfigFile", /YAML/],
    ["kubernetes:yaml/v2:ConfigGroup", /YAML/],
    ["kubernetes:kustomize/v2:Directory", /YAML files or kustomizations/],
    ["kubernetes:apps/v1:DeploymentPatch", /Patch/],
    ["kubernetes:core/v1:PodList", /lists/],
  ])("%s is named with the reason", (token, reason) => {
    expect(unsupported(token)).toMatch(reason);
    expect(unsupported(token)).toContain(token);
  });
});

it.each([
  ["", "Namespace", false],
  ["rbac.authorization.k8s.io", "ClusterRole", false],
  ["rbac.authorization.k8s.io", "Role", true],
  ["apps", "Deployment", true],
  ["networking.k8s.io", "Ingress", true],
  ["traefik.io", "IngressRoute", undefined],
])("%s/%s is namespaced: %s", (group, kind, namespaced) => {
  expect(isNamespaced({ group, version: "v1", kind })).toBe(namespaced);
});

/** Pulumi type tokens to Kubernetes kinds. */
import { ProviderError } from "../errors.ts";
import type { Props } from "../provider.ts";
import type { Gvk } from "./object.ts";
import { isBuiltIn } from "./scope.ts";

/** Splits `apps/v1` into group and version; the core group's `v1` has no group. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The `apiVersion` of a kind. */
export function apiVersionOf({ group, version }: Gvk): string {
  return group === "" ? version : `${group}/${version}`;
}

/** What a token such as `kubernetes:core/v1:Namespace` names. */
export function gvkOfToken(token: string): Gvk {
  const [, groupVersion = "", kind = ""] = token.split(":");
  const { group, version } = parseApiVersion(groupVersion);
  return { group: group === "core" ? "" : group, version, kind };
}

/** What an object is: its own apiVersion and kind, else its type token's. */
export function gvkOf(object: Props, token: string): Gvk {
  const fallback = gvkOfToken(token);
  const { apiVersion, kind } = object;
  return {
    ...(typeof apiVersion === "string" && apiVersion !== "" ? parseApiVersion(apiVersion) : fallback),
    kind: typeof kind === "string" && kind !== "" ? kind : fallback.kind,
  };
}

/** Why the stand-in can't do a type of the official provider; undefined if it can. */
export function unsupported(token: string): string | undefined {
  const { group, kind } = gvkOfToken(token);
  const lacks = (what: string) => `${token}: the stand-in for the kubernetes provider does not do ${what}`;
  if (group === "helm.sh") return lacks("Helm; install the chart with helm, or use the official provider");
  if (/^kubernetes:(yaml|kustomize)[:/]/.test(token)) {
    return lacks("YAML files or kustomizations; create one resource per object");
  }
  // A custom kind may be called anything.
  if (!isBuiltIn(group)) return undefined;
  if (kind.endsWith("Patch")) {
    return lacks("Patch resources; manage the whole object, or use the official provider");
  }
  if (kind.endsWith("List")) return lacks("lists; create one resource per object");
  return undefined;
}

/** Throws {@link unsupported}'s reason. */
export function assertSupported(token: string): void {
  const reason = unsupported(token);
  if (reason !== undefined) throw new ProviderError(reason);
}

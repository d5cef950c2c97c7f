import type { RecordedResource } from "./record.ts";

/** The last part of a type token: `kubernetes:apps/v1:Deployment` is a `Deployment`. */
export const shortType = (type: string) => type.slice(type.lastIndexOf(":") + 1);

const kebab = (text: string) => text.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();

/** `deployment-attic`, and just `signing-key` where type and name say the same. */
function segment({ type, name }: RecordedResource): string {
  const kind = kebab(shortType(type));
  return kind === name ? name : `${kind}-${name}`;
}

/**
 * Where a resource is written below the output folder: a folder for each component that it lies in, then its own
 * kind and name, without an ending.
 */
export function pathOf(resource: RecordedResource, byUrn: ReadonlyMap<string, RecordedResource>): string {
  const parent = byUrn.get(resource.parent);
  const isRoot = !parent || parent.type === "pulumi:pulumi:Stack";
  return isRoot ? segment(resource) : `${pathOf(parent, byUrn)}/${segment(resource)}`;
}

/** Whether a resource is an object of the Kubernetes API. */
export const isKubernetes = ({ type }: RecordedResource) =>
  type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/");

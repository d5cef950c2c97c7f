/** Kubernetes objects as this provider sees them: plain JSON of any kind. */
import type { Props } from "../provider.ts";
import { isObject } from "../struct.ts";

export interface Metadata extends Props {
  name?: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  deletionTimestamp?: string;
  ownerReferences?: { uid: string; kind: string; name: string; controller?: boolean }[];
}

export interface KubeObject extends Props {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec?: Props;
  status?: Props;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

/** Group, version, kind. The core group is the empty string. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `metadata.annotations[name]` if it is a string. */
export function annotation(object: Props, name: string): string | undefined {
  const metadata = object.metadata;
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  const value = isObject(annotations) ? annotations[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

export function isAnnotated(object: Props, name: string): boolean {
  return annotation(object, name)?.toLowerCase() === "true";
}

/** The object's metadata, empty if it has none. */
export function metadataOf(object: Props): Metadata {
  return isObject(object.metadata) ? object.metadata : {};
}

/** The conditions in `status.conditions`. */
export function conditionsOf(object: Props): Condition[] {
  const status = object.status;
  const conditions = isObject(status) ? status.conditions : undefined;
  return Array.isArray(conditions) ? (conditions.filter(isObject) as unknown as Condition[]) : [];
}

export function conditionOf(object: Props, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** `namespace/name`, or `name` of an object outside namespaces: also the resource's id. */
export function idOf(object: Props): string {
  const { name = "", namespace } = metadataOf(object);
  return namespace ? `${namespace}/${name}` : name;
}

/** The two halves of an id. */
export function parseId(id: string): { namespace: string | undefined; name: string } {
  const slash = id.indexOf("/");
  return slash < 0
    ? { namespace: undefined, name: id }
    : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** `Deployment nix-cache/attic`: how messages name an object. */
export function label(object: Props): string {
  return `${String(object.kind)} ${idOf(object)}`;
}

/** Server-side apply: how objects are created and updated, and how previews ask what would happen. */
import { isDeepStrictEqual } from "node:util";
import { type PathSegment, parsePath, valueAt } from "../property-path.ts";
import type { Context, Props } from "../provider.ts";
import type { RequestOptions } from "./api.ts";
import type { Cluster } from "./cluster.ts";
import type { Settings } from "./config.ts";
import type { Served } from "./discovery.ts";
import { isAnnotated, type KubeObject, metadataOf } from "./object.ts";

export interface ApplyOptions extends RequestOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Applies `manifest` and returns the object as the server then has it, or with `dryRun` would have it. */
export async function apply(
  cluster: Cluster,
  served: Served,
  manifest: KubeObject,
  { fieldManager, force, dryRun, ...options }: ApplyOptions,
): Promise<KubeObject> {
  const { namespace, name } = manifest.metadata;
  return await cluster.api.request<KubeObject>("PATCH", served.path(namespace, name), {
    ...options,
    contentType: "application/apply-patch+yaml",
    body: manifest,
    query: {
      fieldManager,
      force: force ? "true" : undefined,
      dryRun: dryRun ? "All" : undefined,
      // A misspelt field is refused, not dropped.
      fieldValidation: "Strict",
    },
  });
}

/**
 * Asks what creating `manifest` would give, while an object of that name still exists and is to be replaced by it: a
 * made-up name keeps the old object out of the answer.
 */
export async function dryRunReplacement(
  cluster: Cluster,
  served: Served,
  manifest: KubeObject,
  options: RequestOptions,
): Promise<KubeObject> {
  const { namespace, name } = manifest.metadata;
  const created = await cluster.api.request<KubeObject>("POST", served.path(namespace), {
    ...options,
    body: {
      ...manifest,
      metadata: { ...manifest.metadata, name: undefined, generateName: `${name}-`.slice(0, 58) },
    },
    query: { dryRun: "All", fieldValidation: "Strict" },
  });
  const { generateName: _, ...metadata } = created.metadata;
  return { ...created, metadata: { ...metadata, name } };
}

/** Whether to take over fields from other managers. */
export function isForced(inputs: Props, settings: Settings): boolean {
  return settings.enablePatchForce || isAnnotated(inputs, "pulumi.com/patchForce");
}

const SERVER_FIELDS = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

/** Whether two states of an object are the same to a user: status and the server's bookkeeping aside. */
export function sameObject(left: Props, right: Props): boolean {
  return isDeepStrictEqual(essence(left), essence(right));
}

function essence(object: Props): Props {
  const { status: _, ...rest } = object;
  const metadata = { ...metadataOf(object) };
  for (const field of SERVER_FIELDS) delete metadata[field];
  return { ...rest, metadata };
}

/**
 * Replaces the values a resource ignores by the live ones. The engine keeps the old input there, but someone else (an
 * autoscaler, say) has changed it since: sending the old one would be a conflict.
 */
export function withIgnored(manifest: KubeObject, live: KubeObject, ignore: readonly string[]): KubeObject {
  const copy = structuredClone(manifest);
  for (const path of ignore.map(parsePath)) {
    const last = path.at(-1);
    const parent = valueAt(copy, path.slice(0, -1));
    if (last === undefined || typeof parent !== "object" || parent === null) continue;
    const holder = parent as Record<PathSegment, unknown>;
    if (!(last in holder)) continue;
    const value = valueAt(live, path);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return copy;
}

/** Request options of an operation: its cancellation, and the server's warnings shown once each. */
export function optionsFor(context: Context, dryRun: boolean): RequestOptions {
  const seen = new Set<string>();
  return {
    signal: context.signal,
    ...(dryRun && { patience: 0 }),
    onWarning(message) {
      if (!seen.has(message)) context.log("warning", message);
      seen.add(message);
    },
  };
}

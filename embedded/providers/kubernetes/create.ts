/** Create: apply an object that is not there yet, then wait until it works. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, CreateRequest, CreateResult } from "../provider.ts";
import { hasUnknown } from "../struct.ts";
import { ApiError } from "./api.ts";
import { apply, dryRunReplacement, isForced, optionsFor } from "./apply.ts";
import { ready } from "./await/index.ts";
import type { Cluster, ClusterSource } from "./cluster.ts";
import type { Settings } from "./config.ts";
import { NoSuchKindError, type Served } from "./discovery.ts";
import { alreadyExists, explain, isNamespaceMissing } from "./explain.ts";
import { assertSupported, gvkOf, gvkOfToken } from "./gvk.ts";
import { idOf, type KubeObject, label } from "./object.ts";
import { fieldManagerOf, manifestOf, outputsOf } from "./outputs.ts";

/** How long a create may be refused for want of its namespace or definition: they may be a moment behind. */
const ABSENCE_PATIENCE = 15_000;

/**
 * Creates an object, or with `preview` says what creating it would give.
 *
 * @param own the id of the resource's present object, which a replacement in a preview still finds.
 */
export async function create(
  request: CreateRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
  own?: string,
): Promise<CreateResult> {
  if (request.preview) return { id: "", outputs: await preview(request, source, settings, context, own) };
  assertSupported(request.type);

  const { news, type } = request;
  const cluster = await source.reach(context.signal);
  const fieldManager = fieldManagerOf(news);
  const force = isForced(news, settings);
  const options = optionsFor(context, false);
  let live: KubeObject;
  try {
    const served = await cluster.served(gvkOf(news, type), options);
    const manifest = manifestOf(news, served.namespaced ? cluster.namespace : undefined);
    if (!force && !settings.upsertExistingObjects)
      await assertAbsent(cluster, served, manifest, request, context);
    live = await whileAbsent(
      () => apply(cluster, served, manifest, { ...options, fieldManager, force, dryRun: false }),
      context,
    );
  } catch (error) {
    throw explain(error, news);
  }
  const id = idOf(live);
  return { id, outputs: await ready(cluster, live, { ...request, id, fieldManager }, context) };
}

async function assertAbsent(
  cluster: Cluster,
  served: Served,
  manifest: KubeObject,
  { type, name }: CreateRequest,
  { signal }: Context,
): Promise<void> {
  // Server-side apply would silently adopt it, and a later destroy delete what was never ours.
  const { metadata } = manifest;
  const existing = await cluster.getPath(served.path(metadata.namespace, metadata.name), { signal });
  if (existing !== undefined) throw alreadyExists(manifest, type, name);
}

/** Repeats what is refused with 404: a namespace or definition created a moment ago may not be known everywhere yet. */
async function whileAbsent<Result>(attempt: () => Promise<Result>, { signal }: Context): Promise<Result> {
  const deadline = Date.now() + ABSENCE_PATIENCE;
  for (let delay = 100; ; delay = Math.min(delay * 2, 2_000)) {
    try {
      return await attempt();
    } catch (error) {
      const absent = error instanceof ApiError && error.code === 404;
      if (!absent || Date.now() + delay > deadline) throw error;
    }
    await sleep(delay, undefined, { signal });
  }
}

async function preview(
  { news, type, name }: CreateRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
  own: string | undefined,
) {
  if (gvkOfToken(type).group === "helm.sh") return news;
  assertSupported(type);
  const fieldManager = fieldManagerOf(news);
  const cluster = await source.tryReach(context.signal);
  if (cluster === undefined) source.tellAbsence(context);
  if (cluster === undefined || hasUnknown(news)) return news;
  const options = optionsFor(context, true);
  try {
    const served = await cluster.served(gvkOf(news, type), options);
    const manifest = manifestOf(news, served.namespaced ? cluster.namespace : undefined);
    const force = isForced(news, settings);
    const { metadata } = manifest;
    const existing = await cluster.getPath(served.path(metadata.namespace, metadata.name), options);
    let live: KubeObject;
    if (existing !== undefined && own === idOf(existing)) {
      live = await dryRunReplacement(cluster, served, manifest, options);
    } else {
      if (existing !== undefined && !force && !settings.upsertExistingObjects) {
        throw alreadyExists(manifest, type, name);
      }
      live = await apply(cluster, served, manifest, { ...options, fieldManager, force, dryRun: true });
    }
    return outputsOf(previewed(live), news, fieldManager);
  } catch (error) {
    if (isNamespaceMissing(error)) return news;
    if (error instanceof NoSuchKindError) {
      context.log("warning", `${label(news)} could not be checked against the cluster: ${error.message}.`);
      return news;
    }
    throw explain(error, news);
  }
}

/** What only the real object will have must not look known: the dry run's uid is made up. */
function previewed({ status: _, ...live }: KubeObject): KubeObject {
  const { uid: _uid, resourceVersion, creationTimestamp, ...metadata } = live.metadata;
  return { ...live, metadata } as KubeObject;
}

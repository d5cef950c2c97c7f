/** Update: apply the new inputs over the live object, then wait until it works. */
import { ProviderError } from "../errors.ts";
import type { Context, Props, UpdateRequest } from "../provider.ts";
import { hasUnknown } from "../struct.ts";
import { apply, isForced, optionsFor, withIgnored } from "./apply.ts";
import { ready } from "./await/index.ts";
import type { ClusterSource } from "./cluster.ts";
import type { Settings } from "./config.ts";
import { NoSuchKindError } from "./discovery.ts";
import { explain } from "./explain.ts";
import { assertSupported, gvkOf, gvkOfToken } from "./gvk.ts";
import { type KubeObject, label, metadataOf, parseId } from "./object.ts";
import { fieldManagerOf, manifestOf, outputsOf } from "./outputs.ts";

/** Updates an object, or with `preview` says what the update would give. */
export async function update(
  request: UpdateRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
): Promise<Props> {
  const { news, type, id, oldOutputs, preview, ignoreChanges } = request;
  if (preview && (hasUnknown(news) || gvkOfToken(type).group === "helm.sh")) return news;
  assertSupported(type);
  const cluster = preview ? await source.tryReach(context.signal) : await source.reach(context.signal);
  if (cluster === undefined) {
    source.tellAbsence(context);
    return news;
  }

  const fieldManager = fieldManagerOf(news, oldOutputs);
  const options = optionsFor(context, preview);
  let live: KubeObject;
  try {
    const served = await cluster.served(gvkOf(news, type), options);
    const namespace = served.namespaced ? (parseId(id).namespace ?? cluster.namespace) : undefined;
    let manifest = manifestOf(news, namespace);
    if (ignoreChanges.length > 0) {
      const before = await cluster.getPath(served.path(namespace, metadataOf(news).name), options);
      if (before !== undefined) manifest = withIgnored(manifest, before, ignoreChanges);
    }
    const force = isForced(news, settings);
    live = await apply(cluster, served, manifest, { ...options, fieldManager, force, dryRun: preview });
  } catch (error) {
    if (preview && error instanceof NoSuchKindError) {
      context.log("warning", `${label(news)} could not be checked against the cluster: ${error.message}.`);
      return news;
    }
    throw explain(error, news);
  }
  if (preview) return outputsOf(live, news, fieldManager);
  if (metadataOf(live).deletionTimestamp !== undefined) {
    throw new ProviderError(`${label(live)} is being deleted by someone else; try again when it is gone`);
  }
  return await ready(cluster, live, { ...request, fieldManager }, context);
}

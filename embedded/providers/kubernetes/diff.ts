/** Diff: what an update would change, and whether in place. */
import { isDeepStrictEqual } from "node:util";
import { diffValues } from "../diff-values.ts";
import type { Context, DiffKind, DiffRequest, DiffResult } from "../provider.ts";
import { hasUnknown } from "../struct.ts";
import { ApiError, UnreachableError } from "./api.ts";
import { apply, isForced, sameObject, withIgnored } from "./apply.ts";
import type { ClusterSource } from "./cluster.ts";
import type { Settings } from "./config.ts";
import { NoSuchKindError } from "./discovery.ts";
import { gvkOf } from "./gvk.ts";
import { immutableFields, markIdentity, markImmutable, markRefused } from "./immutable.ts";
import { AUTONAMED } from "./naming.ts";
import { idOf, isAnnotated, metadataOf, parseId } from "./object.ts";
import { fieldManagerOf, manifestOf } from "./outputs.ts";

/** Compares the inputs, then asks the cluster what the difference means to it. */
export async function diff(
  request: DiffRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
): Promise<DiffResult> {
  const { oldInputs, news, type, id } = request;
  if (isDeepStrictEqual(oldInputs, news)) return { detailed: {} };

  const gvk = gvkOf(news, type);
  let detailed = markIdentity(diffValues(oldInputs, news));
  dropFilledNamespace(detailed, request);
  if (gvkOf(oldInputs, type).group !== gvk.group) detailed.apiVersion = "update-replace";
  if (Object.keys(detailed).length === 0) return { detailed };

  if (!replaces(detailed)) {
    const meaning = await ask(request, source, settings, context);
    if (meaning === "nothing") return { detailed: {} };
    detailed = markImmutable(detailed, gvk, oldInputs, settings);
    if (meaning !== undefined) detailed = markRefused(detailed, meaning);
  }
  // Two objects can't have one name, unless the replacement is to get a fresh one.
  const sameName = !isAnnotated(news, AUTONAMED) && idOf(news) === canonicalId(id, news);
  return { detailed, deleteBeforeReplace: replaces(detailed) && sameName };
}

function replaces(detailed: Record<string, DiffKind>): boolean {
  return Object.values(detailed).some((kind) => kind.endsWith("-replace"));
}

/** An input without a namespace got the default one; writing that down changes nothing. */
function dropFilledNamespace(detailed: Record<string, DiffKind>, { id, oldInputs, news }: DiffRequest): void {
  const { namespace } = parseId(id);
  const before = metadataOf(oldInputs).namespace ?? namespace;
  if (before === (metadataOf(news).namespace ?? namespace)) delete detailed["metadata.namespace"];
}

function canonicalId(id: string, news: DiffRequest["news"]): string {
  return metadataOf(news).namespace === undefined ? parseId(id).name : id;
}

/**
 * Tries the update as a dry run.
 *
 * @returns "nothing" if it would change nothing, the fields the server calls immutable if it refuses because of them,
 * undefined if it says neither.
 */
async function ask(
  { news, oldOutputs, type, id, ignoreChanges }: DiffRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
): Promise<"nothing" | string[] | undefined> {
  const cluster = hasUnknown(news) ? undefined : await source.tryReach(context.signal);
  if (cluster === undefined) return undefined;
  const options = { signal: context.signal, patience: 0 };
  try {
    const served = await cluster.served(gvkOf(news, type), options);
    const namespace = served.namespaced ? (parseId(id).namespace ?? cluster.namespace) : undefined;
    const live = await cluster.getPath(served.path(namespace, metadataOf(news).name), options);
    if (live === undefined) return undefined;
    const after = await apply(
      cluster,
      served,
      withIgnored(manifestOf(news, namespace), live, ignoreChanges),
      {
        ...options,
        dryRun: true,
        force: isForced(news, settings),
        fieldManager: fieldManagerOf(news, oldOutputs),
      },
    );
    return sameObject(live, after) ? "nothing" : undefined;
  } catch (error) {
    if (error instanceof ApiError) {
      const fields = immutableFields(error);
      return fields.length > 0 ? fields : undefined;
    }
    // Whatever else is wrong shows, with its reason, when the update is previewed.
    if (error instanceof UnreachableError || error instanceof NoSuchKindError) return undefined;
    throw error;
  }
}

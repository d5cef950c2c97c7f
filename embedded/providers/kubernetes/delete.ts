/** Delete: remove an object and wait until it is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "../errors.ts";
import type { Context, DeleteRequest } from "../provider.ts";
import { ApiError, UnreachableError } from "./api.ts";
import type { ClusterSource } from "./cluster.ts";
import type { Settings } from "./config.ts";
import { NoSuchKindError } from "./discovery.ts";
import { explain } from "./explain.ts";
import { gvkOf, unsupported } from "./gvk.ts";
import { conditionsOf, isAnnotated, type KubeObject, label, metadataOf, parseId } from "./object.ts";
import { timeoutOf } from "./timeout.ts";

/** Deletes an object together with what it owns. One that is gone already is as good as deleted. */
export async function remove(
  request: DeleteRequest,
  source: ClusterSource,
  settings: Settings,
  context: Context,
): Promise<void> {
  const { id, type, outputs } = request;
  if (unsupported(type) !== undefined) return;
  const { signal } = context;
  let path: string;
  let deleted: KubeObject;
  try {
    const cluster = await source.reach(signal);
    const served = await cluster.served(gvkOf(outputs, type), { signal, patience: 0 });
    const { namespace, name } = parseId(id);
    path = served.path(namespace ?? cluster.namespace, name);
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
    deleted = await cluster.api.request<KubeObject>("DELETE", path, { body, signal });
    if (isAnnotated(outputs, "pulumi.com/skipAwait")) return;
    await gone(
      () => cluster.getPath(path, { signal }),
      metadataOf(outputs).uid ?? uidOf(deleted),
      request,
      context,
    );
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return;
    if (error instanceof NoSuchKindError) return;
    if (error instanceof UnreachableError && settings.deleteUnreachable) {
      context.log("warning", `${error.message}; forgetting ${id} without deleting it (deleteUnreachable)`);
      return;
    }
    throw explain(error, outputs);
  }
}

/** The answer to a delete is the object, or a Status whose details name it. */
function uidOf(answer: KubeObject): string | undefined {
  const { uid } = (answer.details ?? {}) as { uid?: string };
  return metadataOf(answer).uid ?? uid;
}

async function gone(
  get: () => Promise<KubeObject | undefined>,
  uid: string | undefined,
  request: DeleteRequest,
  context: Context,
): Promise<void> {
  const seconds = timeoutOf(request.timeout, request.outputs);
  const deadline = Date.now() + seconds * 1_000;
  for (let delay = 25; ; delay = Math.min(delay * 2, 1_000)) {
    const live = await get();
    if (live === undefined || (uid !== undefined && live.metadata.uid !== uid)) return;
    if (Date.now() > deadline) throw new ProviderError(stillThere(live, seconds));
    if (delay > 200) context.status(`Waiting until ${label(live)} is gone${holders(live)}`);
    await sleep(delay, undefined, { signal: context.signal });
  }
}

function holders(live: KubeObject): string {
  const { finalizers = [] } = live.metadata;
  return finalizers.length === 0 ? "" : ` (held by ${finalizers.join(", ")})`;
}

/** Why an object is still there, as far as it says itself. */
export function stillThere(live: KubeObject, seconds: number): string {
  const { finalizers = [] } = live.metadata;
  const lines = [`${label(live)} is still there ${seconds} s after it was deleted.`];
  if (finalizers.length > 0) {
    lines.push(
      `Finalizers hold it: ${finalizers.join(", ")}. Their controllers must finish, or be running at all.`,
    );
  }
  // A namespace says what is left in it.
  for (const { status, message } of conditionsOf(live)) {
    if (status === "True" && message) lines.push(`  ${message}`);
  }
  return lines.join("\n");
}

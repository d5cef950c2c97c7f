import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../embedded/control-plane/client.ts";

/** What the server is asked to end a watch after, in seconds; it goes on from there. */
const watchSeconds = 60;
const pauseMs = 250;

interface Metadata {
  uid: string;
  resourceVersion?: string;
}

interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: T & { metadata: Metadata; message?: string };
}

/** All objects of a kind, kept as the server has them. */
export interface Mirror<T> {
  /** Undefined until they were listed. */
  items(): T[] | undefined;
  /** Follows the server until it is told to stop, whatever happens to the server meanwhile. */
  follow(stop?: AbortSignal): Promise<void>;
}

/**
 * A mirror of the objects at a path of the API.
 * @param changed is told of every change
 * @param failed is told why the server could not be followed; what is mirrored stays until it can be again
 */
export function mirror<T extends { metadata: { uid: string } }>(
  client: Pick<KubeClient, "json" | "lines">,
  path: string,
  changed: () => void,
  failed: (error: Error) => void,
): Mirror<T> {
  let known: Map<string, T> | undefined;
  let version: string | undefined;

  const list = async () => {
    const { items, metadata } = await client.json<{ items: T[]; metadata: { resourceVersion: string } }>(
      "GET",
      path,
    );
    known = new Map(items.map((item) => [item.metadata.uid, item]));
    version = metadata.resourceVersion;
    changed();
  };
  const watch = async (stop?: AbortSignal) => {
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`;
    for await (const line of client.lines(`${path}?${query}`)) {
      if (stop?.aborted) return;
      const { type, object } = JSON.parse(line) as WatchEvent<T>;
      // Most often: what has changed since that version is no longer known. A list starts afresh.
      if (type === "ERROR") throw new Error(`${path}: ${object.message}`);
      version = object.metadata.resourceVersion ?? version;
      if (type === "BOOKMARK") continue;
      if (type === "DELETED") known?.delete(object.metadata.uid);
      else known?.set(object.metadata.uid, object);
      changed();
    }
  };

  return {
    items: () => known && [...known.values()],
    async follow(stop) {
      while (!stop?.aborted) {
        try {
          if (version === undefined) await list();
          await watch(stop);
        } catch (error) {
          version = undefined;
          failed(error as Error);
          await sleep(pauseMs);
        }
      }
    },
  };
}

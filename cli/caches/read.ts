import { type AtticApi, AtticApiError, type CacheConfig } from "../attic-api/index.ts";

/** A cache on the server: undefined when there is none, an error when it could not be read. */
export type Found = CacheConfig | undefined | AtticApiError;

/** Requests under way at once; the server has ten connections to its database. */
const atOnce = 5;

/** What the server has of these caches. What cannot be read hinders nothing else. */
export async function readCaches(api: AtticApi, names: readonly string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const queue = [...names];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      found.set(name, await attempt(() => api.cache(name)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

/** The result, or the error that the server or the way to it made. */
export async function attempt<T>(call: () => Promise<T>): Promise<T | AtticApiError> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AtticApiError) return error;
    throw error;
  }
}

/** Which kinds a cluster has, and under which paths. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Api, ApiError, type RequestOptions } from "./api.ts";
import { apiVersionOf } from "./gvk.ts";
import type { Gvk } from "./object.ts";

/** A kind as the cluster serves it. */
export interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
  /** Path of one object, or of the collection if `name` is left out. */
  path(namespace: string | undefined, name?: string): string;
}

/** The cluster has no such kind: its CustomResourceDefinition is missing, or the version is wrong. */
export class NoSuchKindError extends Error {
  override readonly name = "NoSuchKindError";

  constructor(gvk: Gvk) {
    super(
      `the cluster has no kind ${gvk.kind} in ${apiVersionOf(gvk)}; install its CustomResourceDefinition first, ` +
        "or correct apiVersion and kind",
    );
  }
}

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean }[];
}

type Kinds = Map<string, Served>;

export class Discovery {
  readonly #api: Api;
  readonly #groups = new Map<string, Promise<Kinds>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /**
   * Finds a kind. What is missing is asked for again for `wait` milliseconds: a definition created a moment ago is
   * served only once it is established.
   */
  async find(gvk: Gvk, wait = 0, options: RequestOptions = {}): Promise<Served> {
    const deadline = Date.now() + wait;
    for (let delay = 100; ; delay = Math.min(delay * 2, 1_000)) {
      const apiVersion = apiVersionOf(gvk);
      const cached = this.#groups.get(apiVersion);
      const found = (await (cached ?? this.#load(apiVersion, options))).get(gvk.kind);
      if (found !== undefined) return found;
      this.#groups.delete(apiVersion);
      if (cached !== undefined) continue;
      if (Date.now() + delay > deadline) throw new NoSuchKindError(gvk);
      await sleep(delay, undefined, { signal: options.signal });
    }
  }

  #load(apiVersion: string, options: RequestOptions): Promise<Kinds> {
    const prefix = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const loading = this.#api.request<ResourceList>("GET", prefix, options).then(
      ({ resources = [] }) => kindsOf(prefix, resources),
      (error: unknown) => {
        this.#groups.delete(apiVersion);
        if (error instanceof ApiError && error.code === 404) return new Map<string, Served>();
        throw error;
      },
    );
    this.#groups.set(apiVersion, loading);
    return loading;
  }
}

function kindsOf(prefix: string, resources: NonNullable<ResourceList["resources"]>): Kinds {
  const kinds: Kinds = new Map();
  for (const { name: plural, kind, namespaced } of resources) {
    if (plural.includes("/")) continue; // a subresource
    kinds.set(kind, {
      plural,
      namespaced,
      path(namespace, name) {
        const scope = namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
        return `${prefix}${scope}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
      },
    });
  }
  return kinds;
}

import { type Asked, answered, unknownKind } from "./errors.ts";
import type { Kind } from "./objects.ts";
import type { Transport } from "./transport.ts";

/** How a kind is addressed. */
export interface Resource {
  /** In the plural, as in paths: `deployments`. */
  name: string;
  namespaced: boolean;
}

/** Finds out how kinds are addressed; each group and version is asked for once. */
export class Discovery {
  readonly #asked: Asked;
  readonly #transport: Transport;
  readonly #known = new Map<string, Promise<(Resource & { kind: string })[]>>();

  constructor(transport: Transport, asked: Asked) {
    this.#transport = transport;
    this.#asked = asked;
  }

  /**
   * The path of a kind's objects.
   * @param namespace undefined for those of all namespaces, and for kinds that live in none
   * @throws ClusterError of `unknownKind`
   */
  async path({ apiVersion, kind }: Kind, namespace: string | undefined): Promise<string> {
    const { name, namespaced } = await this.resource({ apiVersion, kind });
    const within =
      namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    return `${rootOf(apiVersion)}${within}/${name}`;
  }

  /** Whether there is such a kind, and how it is addressed. */
  async resource({ apiVersion, kind }: Kind): Promise<Resource> {
    const all = this.#known.get(apiVersion) ?? this.#discover(apiVersion);
    this.#known.set(apiVersion, all);
    try {
      const found = (await all).find((each) => each.kind === kind && !each.name.includes("/"));
      if (found) return found;
    } catch (error) {
      // What failed once may work the next time.
      this.#known.delete(apiVersion);
      throw error;
    }
    // What was not there may be installed by now.
    this.#known.delete(apiVersion);
    throw unknownKind(apiVersion, kind);
  }

  async #discover(apiVersion: string): Promise<(Resource & { kind: string })[]> {
    const { status, text } = await this.#transport.send({ method: "GET", path: rootOf(apiVersion) });
    if (status === 404) return [];
    if (status !== 200) throw answered(this.#asked, `look for the kinds of ${apiVersion}`, status, text);
    return (JSON.parse(text) as { resources: (Resource & { kind: string })[] }).resources;
  }
}

const rootOf = (apiVersion: string) =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** The cluster a provider instance talks to, found when first needed. */

import { messageOf } from "../errors.ts";
import type { Context, Props } from "../provider.ts";
import { Api, ApiError, type RequestOptions, UnreachableError } from "./api.ts";
import type { Settings } from "./config.ts";
import { Discovery, type Served } from "./discovery.ts";
import { gvkOf } from "./gvk.ts";
import { activeServer, loadConnection } from "./kubeconfig.ts";
import { type Gvk, type KubeObject, metadataOf } from "./object.ts";

/** How long a kind may be missing, in an update: its definition may be on its way. */
const KIND_PATIENCE = 15_000;

export class Cluster {
  readonly api: Api;
  readonly discovery: Discovery;

  constructor(api: Api) {
    this.api = api;
    this.discovery = new Discovery(api);
  }

  get namespace(): string {
    return this.api.connection.namespace;
  }

  served(gvk: Gvk, options: RequestOptions = {}): Promise<Served> {
    return this.discovery.find(gvk, options.patience === 0 ? 0 : KIND_PATIENCE, options);
  }

  /** The live object, or undefined if there is none. */
  async get(object: Props, options: RequestOptions = {}): Promise<KubeObject | undefined> {
    const { namespace, name = "" } = metadataOf(object);
    const served = await this.served(gvkOf(object, ""), options);
    return await this.getPath(served.path(namespace ?? this.namespace, name), options);
  }

  async getPath(path: string, options: RequestOptions = {}): Promise<KubeObject | undefined> {
    try {
      return await this.api.request<KubeObject>("GET", path, options);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Lists objects; `path` is the collection's. */
  async list(path: string, options: RequestOptions = {}): Promise<KubeObject[]> {
    const { items = [] } = await this.api.request<{ items?: KubeObject[] }>("GET", path, options);
    return items;
  }
}

/** Finds the cluster lazily and remembers whether it answered. */
export class ClusterSource {
  readonly #settings: Settings;
  readonly #env: NodeJS.ProcessEnv;
  #found: Promise<Cluster> | undefined;
  #patient: Promise<Cluster> | undefined;
  #absence: string | undefined;
  #told = false;

  constructor(settings: Settings, env: NodeJS.ProcessEnv) {
    this.#settings = settings;
    this.#env = env;
  }

  /**
   * The cluster, once it has answered: waits for one that is restarting.
   *
   * @throws UnreachableError with one line saying why there is none.
   */
  async reach(signal?: AbortSignal): Promise<Cluster> {
    const found = await this.tryReach(signal);
    if (found !== undefined) return found;
    // A connection refused at preview time must not decide over the update that follows.
    this.#patient ??= this.#connect(this.#settings.patience, signal);
    return await this.#patient;
  }

  /** Where objects go while no cluster says otherwise. */
  get fallbackNamespace(): string {
    return this.#settings.namespace ?? "default";
  }

  /** The cluster, or undefined if there is none: for what can also be worked out without. */
  async tryReach(signal?: AbortSignal): Promise<Cluster | undefined> {
    try {
      this.#found ??= this.#connect(0, signal);
      return await this.#found;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      this.#absence = error.message;
      return undefined;
    }
  }

  /** Whether some cluster is configured, whether or not it answers. */
  get isConfigured(): boolean {
    return activeServer(this.#settings, this.#env) !== undefined;
  }

  /** Tells the reader of a preview, once, that no cluster has checked it. */
  tellAbsence(context: Context): void {
    if (this.#absence === undefined || this.#told) return;
    this.#told = true;
    context.log("info", `${this.#absence}. What follows is shown from the program's inputs alone.`);
  }

  async #connect(patience: number, signal?: AbortSignal): Promise<Cluster> {
    let api: Api;
    try {
      api = new Api(await loadConnection(this.#settings, this.#env), this.#settings.patience);
    } catch (error) {
      throw new UnreachableError(`no Kubernetes cluster is configured: ${messageOf(error)}`);
    }
    try {
      await api.request("GET", "/version", { patience, signal });
    } catch (error) {
      // Some clusters hide /version from the unprivileged; they did answer.
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 503 || error.code === 429) throw new UnreachableError(messageOf(error));
    }
    return new Cluster(api);
  }
}

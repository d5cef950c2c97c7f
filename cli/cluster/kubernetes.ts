import type { Exec } from "@kubernetes/client-node";
import type { World } from "../world.ts";
import { type Asked, answered, ClusterError, notFound } from "./errors.ts";
import { execute } from "./execute.ts";
import type { Cluster } from "./index.ts";
import type {
  AnyObject,
  ExecOptions,
  Executed,
  Kind,
  KubeObject,
  LogOptions,
  NewObject,
  PatchOptions,
  RawAnswer,
  Ref,
  Review,
  Selection,
} from "./objects.ts";
import { Discovery } from "./paths.ts";
import type { KubeRequest, Transport } from "./transport.ts";

/** What a cluster is made of. */
export interface Parts {
  asked: Asked;
  /** The stack's. */
  namespace: string;
  transport: Transport;
  executor: Pick<Exec, "exec">;
  sleep: World["sleep"];
}

const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const satisfies Record<NonNullable<PatchOptions["type"]>, string>;

/** How often a request is sent that the API server has no time for; it waits a second in between. */
const tries = 4;

/** A {@link Cluster} behind an API server. */
export class KubeCluster implements Cluster {
  readonly context: string;
  readonly server: string;
  readonly source: string;
  readonly namespace: string;
  readonly #asked: Asked;
  readonly #transport: Transport;
  readonly #executor: Pick<Exec, "exec">;
  readonly #sleep: World["sleep"];
  readonly #discovery: Discovery;

  constructor({ asked, namespace, transport, executor, sleep }: Parts) {
    this.context = asked.context;
    this.server = asked.server;
    this.source = asked.source;
    this.namespace = namespace;
    this.#asked = asked;
    this.#transport = transport;
    this.#executor = executor;
    this.#sleep = sleep;
    this.#discovery = new Discovery(transport, asked);
  }

  async get<T extends AnyObject>(ref: Ref): Promise<T> {
    const { path, full } = await this.#address(ref);
    return this.#json<T>(`get ${full.kind} ${full.name}`, { method: "GET", path }, full);
  }

  async find<T extends AnyObject>(ref: Ref): Promise<T | undefined> {
    return this.get<T>(ref).catch(unlessMissing);
  }

  async list<T extends AnyObject>(kind: Kind, { namespace, labels, fields }: Selection = {}): Promise<T[]> {
    const within = namespace === "*" ? undefined : (namespace ?? this.namespace);
    const query = new URLSearchParams({
      ...(labels && { labelSelector: labels }),
      ...(fields && { fieldSelector: fields }),
    });
    const path = `${await this.#discovery.path(kind, within)}?${query}`;
    const { items } = await this.#json<{ items: T[] }>(`list ${kind.kind}`, { method: "GET", path });
    // Items of a list do not say what they are.
    return items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
  }

  async create<T extends AnyObject>(object: NewObject, { dryRun = false } = {}): Promise<T> {
    const { apiVersion, kind, metadata } = object;
    const namespace = metadata.namespace ?? this.namespace;
    const path = `${await this.#discovery.path({ apiVersion, kind }, namespace)}?${written(dryRun)}`;
    const what = `create ${kind} ${metadata.name ?? metadata.generateName ?? ""}`.trimEnd();
    return this.#json<T>(what, { method: "POST", path, body: object });
  }

  async patch<T extends AnyObject>(
    ref: Ref,
    change: unknown,
    { type = "merge", subresource, dryRun = false }: PatchOptions = {},
  ): Promise<T> {
    const { path, full } = await this.#address(ref);
    return this.#json<T>(
      `patch ${full.kind} ${full.name}`,
      {
        method: "PATCH",
        path: `${path}${subresource ? `/${subresource}` : ""}?${written(dryRun)}`,
        body: change,
        contentType: patchTypes[type],
      },
      full,
    );
  }

  async delete(ref: Ref): Promise<boolean> {
    const { path, full } = await this.#address(ref);
    const request = { method: "DELETE", path: `${path}?propagationPolicy=Background` };
    const gone = await this.#json(`delete ${full.kind} ${full.name}`, request, full).catch(unlessMissing);
    return gone !== undefined;
  }

  async logs(pod: string, options: LogOptions = {}): Promise<string> {
    const { namespace = this.namespace, container, tail, sinceSeconds, previous } = options;
    const query = new URLSearchParams({
      ...(container && { container }),
      ...(tail !== undefined && { tailLines: String(tail) }),
      ...(sinceSeconds !== undefined && { sinceSeconds: String(sinceSeconds) }),
      ...(previous && { previous: "true" }),
    });
    const path = `${podPath(namespace, pod)}/log?${query}`;
    const ref = { apiVersion: "v1", kind: "Pod", name: pod, namespace };
    return (await this.#successful(`read the log of ${pod}`, { method: "GET", path }, ref)).text;
  }

  exec(
    pod: string,
    container: string,
    command: readonly string[],
    { namespace = this.namespace, ...options }: ExecOptions = {},
  ): Promise<Executed> {
    return execute(this.#executor, this.#asked, { ...options, pod, container, command, namespace });
  }

  async canI(review: Review): Promise<{ allowed: boolean; reason: string }> {
    const { namespace = this.namespace, ...attributes } = review;
    const resourceAttributes = { ...attributes, ...(namespace !== "*" && { namespace }) };
    const { status } = await this.#json<KubeObject<unknown, { allowed: boolean; reason?: string }>>(
      "ask what may be done",
      {
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes },
        },
      },
    );
    return { allowed: status?.allowed ?? false, reason: status?.reason ?? "" };
  }

  async version(): Promise<string> {
    const request = { method: "GET", path: "/version" };
    return (await this.#json<{ gitVersion: string }>("ask for the version", request)).gitVersion;
  }

  raw(path: string): Promise<RawAnswer> {
    return this.#transport.send({ method: "GET", path });
  }

  close(): void {
    this.#transport.close();
  }

  async #address(ref: Ref): Promise<{ path: string; full: Ref }> {
    const { namespaced } = await this.#discovery.resource(ref);
    const namespace = ref.namespace ?? this.namespace;
    const { apiVersion, kind, name } = ref;
    return {
      path: `${await this.#discovery.path(ref, namespace)}/${encodeURIComponent(name)}`,
      full: { apiVersion, kind, name, ...(namespaced && { namespace }) },
    };
  }

  async #json<T>(what: string, request: KubeRequest, ref?: Ref): Promise<T> {
    return JSON.parse((await this.#successful(what, request, ref)).text) as T;
  }

  /** The answer to a request that has to succeed. */
  async #successful(what: string, request: KubeRequest, ref?: Ref, attempt = 1): Promise<RawAnswer> {
    const answer = await this.#transport.send(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    // It is busy, or prepares the storage of a kind that was installed a moment ago; it did nothing yet.
    if (answer.status === 429 && attempt < tries) {
      await this.#sleep(1_000);
      return this.#successful(what, request, ref, attempt + 1);
    }
    if (answer.status === 404 && ref) throw notFound(this.#asked, ref);
    throw answered(this.#asked, what, answer.status, answer.text);
  }
}

const podPath = (namespace: string, pod: string) =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;

const written = (dryRun: boolean) =>
  new URLSearchParams({ fieldManager: "atticctl", ...(dryRun && { dryRun: "All" }) });

function unlessMissing(error: unknown): undefined {
  const missing = error instanceof ClusterError && /^(notFound|unknownKind)$/.test(error.problem);
  if (!missing) throw error;
  return undefined;
}

/** What kind of object: `{ apiVersion: "apps/v1", kind: "Deployment" }`. */
export interface Kind {
  apiVersion: string;
  kind: string;
}

/** One object. */
export interface Ref extends Kind {
  name: string;
  /** @default the stack's; none for kinds that live in no namespace */
  namespace?: string;
}

/** What every object has. */
export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  /** Grows with every change of the spec. */
  generation?: number;
  /** ISO 8601. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
}

/** An object as the API server tells it. Callers say what they read of it. */
export interface KubeObject<Spec = Record<string, unknown>, Status = Record<string, unknown>> extends Kind {
  metadata: Metadata;
  spec?: Spec;
  status?: Status;
}

/** An object of any kind. */
export type AnyObject = KubeObject<unknown, unknown>;

/** An object that is to be made; its namespace is the stack's unless it names one. */
export type NewObject = Kind & {
  metadata: Partial<Metadata> & { generateName?: string };
} & Record<string, unknown>;

/** Which objects of a kind are listed. */
export interface Selection {
  /** `"*"` for those of all namespaces. @default the stack's */
  namespace?: string;
  /** A label selector, `cnpg.io/cluster=attic-pg`. */
  labels?: string;
  /** A field selector, `status.phase=Running`. */
  fields?: string;
}

/** How an object is changed. */
export interface PatchOptions {
  /** @default "merge" */
  type?: "merge" | "json" | "strategic";
  /** A part that is changed by itself, such as `status` or `scale`. */
  subresource?: string;
  /** Have the API server check the change and not make it. */
  dryRun?: boolean;
}

/** Which lines of a container's log. */
export interface LogOptions {
  /** @default the stack's */
  namespace?: string;
  /** Needed where the pod has several. */
  container?: string;
  /** The last so many lines. */
  tail?: number;
  /** Not older than so many seconds. */
  sinceSeconds?: number;
  /** Of the container's run before this one. */
  previous?: boolean;
}

/** How a command in a container is run. */
export interface ExecOptions {
  /** @default the stack's */
  namespace?: string;
  /** What it reads. */
  stdin?: string | Buffer;
  /** Seconds until it has to have ended. @default 60 */
  timeout?: number;
}

/** What a command in a container did. */
export interface Executed {
  code: number;
  stdout: string;
  stderr: string;
}

/** What is asked of {@link Cluster.canI}. */
export interface Review {
  /** `get`, `list`, `create`, `patch`, `delete`… */
  verb: string;
  /** In the plural, as roles name it: `deployments`. */
  resource: string;
  /** The API group. @default the core group */
  group?: string;
  /** `exec`, `log`, `proxy`, `scale`… */
  subresource?: string;
  name?: string;
  /** `"*"` for all. @default the stack's */
  namespace?: string;
}

/** An answer of the API server, whatever its status. */
export interface RawAnswer {
  status: number;
  text: string;
}

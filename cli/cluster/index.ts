import type { OpenedStack } from "../stack.ts";
import type { World } from "../world.ts";
import type {
  AnyObject,
  ExecOptions,
  Executed,
  KubeObject,
  LogOptions,
  NewObject,
  PatchOptions,
  RawAnswer,
  Ref,
  Review,
  Selection,
} from "./objects.ts";

export { ClusterError, type ClusterProblem } from "./errors.ts";
export type * from "./objects.ts";

/** Which cluster, by whose configuration: for people. */
export interface ClusterIdentity {
  /** The context of the kubeconfig. */
  context: string;
  /** The API server's URL. */
  server: string;
  /** Where the kubeconfig was found, in words. */
  source: string;
}

/**
 * The Kubernetes API of a stack's cluster. Every method throws {@link ClusterError}, in words for a person: nobody
 * answers, the credentials are refused, this person may not do that, no such object, no such kind.
 */
export interface Cluster extends ClusterIdentity {
  /** The stack's namespace, where everything is looked for that names no other. */
  readonly namespace: string;
  /** One object, which must be there. */
  get<T extends AnyObject = KubeObject>(ref: Ref): Promise<T>;
  /** One object; undefined when it is not there, or its kind is not. */
  find<T extends AnyObject = KubeObject>(ref: Ref): Promise<T | undefined>;
  /** All objects of a kind in a namespace. */
  list<T extends AnyObject = KubeObject>(
    kind: { apiVersion: string; kind: string },
    selection?: Selection,
  ): Promise<T[]>;
  /** Makes an object; with `dryRun`, the API server checks it and makes none. */
  create<T extends AnyObject = KubeObject>(object: NewObject, options?: { dryRun?: boolean }): Promise<T>;
  /** Changes an object that is there. */
  patch<T extends AnyObject = KubeObject>(ref: Ref, change: unknown, options?: PatchOptions): Promise<T>;
  /** Deletes an object and, in the background, what it owns. @returns false when there was none */
  delete(ref: Ref): Promise<boolean>;
  /** What a container wrote. */
  logs(pod: string, options?: LogOptions): Promise<string>;
  /** Runs a command in a container. An exit code other than 0 is a result, not an error. */
  exec(pod: string, container: string, command: readonly string[], options?: ExecOptions): Promise<Executed>;
  /** Whether this person may do something, and why (not), as far as the API server tells. */
  canI(review: Review): Promise<{ allowed: boolean; reason: string }>;
  /** The version of Kubernetes, such as `v1.36.3`. */
  version(): Promise<string>;
  /** GET of any path of the API server, also through its proxy to a Service. Any answer is a result. */
  raw(path: string): Promise<RawAnswer>;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** The clusters that a person has access to. */
export interface Clusters {
  /** Opens the one that a stack is deployed to. Nothing is asked before something asks it. */
  open(stack: OpenedStack, world: World): Promise<Cluster>;
}

/** Through kubeconfigs. Loading Kubernetes' client takes half a second, which only those commands pay that need it. */
export const kubeconfigClusters: Clusters = {
  open: async (stack, world) => (await import("./open.ts")).openByKubeconfig(stack, world),
};

/**
 * Access to the Kubernetes API of a stack's cluster: by the context of `kubernetes:kubeconfig` and
 * `kubernetes:context` in its file, else of $KUBECONFIG; for stack `local` by what `npm run local` keeps.
 * @throws ClusterError when there is no usable kubeconfig
 */
export const openCluster = (world: World, stack: OpenedStack): Promise<Cluster> =>
  world.clusters.open(stack, world);

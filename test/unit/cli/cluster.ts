import {
  type AnyObject,
  type Cluster,
  ClusterError,
  type Executed,
  type KubeObject,
  type Ref,
  type Review,
} from "../../../cli/cluster/index.ts";

/** What a fake cluster holds and how it answers. */
export interface FakeClusterOptions {
  /** @default "nix-cache" */
  namespace?: string;
  objects?: KubeObject[];
  /** Kinds that are not installed. */
  unknown?: string[];
  /** What is forbidden, in `list Deployment` or `get Secret`; a kind alone forbids all. */
  forbidden?: string[];
  /** Whether this person may do something. @default everything */
  may?: (review: Review) => boolean;
  /** Answers to `raw`, by the path or its beginning. */
  raw?: Record<string, unknown>;
  logs?: Record<string, string>;
  exec?: (pod: string, container: string, command: readonly string[], stdin: string) => Executed;
  /** Every call fails so. */
  fails?: ClusterError;
}

/** A cluster in memory, which remembers what was done to it. */
export interface FakeCluster extends Cluster {
  objects: KubeObject[];
  /** `create Job gc-1`, `patch Deployment attic`… in their order; looks are not among them. */
  changes: { what: string; body?: unknown }[];
  /** Whether somebody closed it. */
  closed: boolean;
  /** Has every call fail from now on; none with undefined. */
  fail(error: ClusterError | undefined): void;
}

/** Stands in for a cluster: it holds objects, and neither checks nor runs them. */
export function fakeCluster(options: FakeClusterOptions = {}): FakeCluster {
  const { namespace: own = "nix-cache", unknown = [], forbidden = [] } = options;
  let { fails } = options;
  const objects = structuredClone(options.objects ?? []);
  const changes: FakeCluster["changes"] = [];
  const check = (verb: string, { kind, apiVersion }: { kind: string; apiVersion: string }) => {
    if (fails) throw fails;
    if (unknown.includes(kind)) {
      throw new ClusterError(
        "unknownKind",
        `the cluster knows no kind ${kind} of ${apiVersion}`,
        "install it",
      );
    }
    if (forbidden.includes(kind) || forbidden.includes(`${verb} ${kind}`)) {
      throw new ClusterError("forbidden", `User "ann" cannot ${verb} ${kind}`, "ask for a role", 403);
    }
  };
  const same = (ref: Ref) => (each: KubeObject) =>
    each.kind === ref.kind &&
    each.metadata.name === ref.name &&
    (each.metadata.namespace ?? own) === (ref.namespace ?? own);
  const there = <T extends AnyObject>(verb: string, ref: Ref): T => {
    check(verb, ref);
    const found = objects.find(same(ref));
    if (!found) {
      throw new ClusterError("notFound", `there is no ${ref.kind} ${ref.name}`, "was it brought up?", 404);
    }
    return structuredClone(found) as T;
  };
  const fake: FakeCluster = {
    context: "test",
    server: "https://127.0.0.1:1",
    source: "$KUBECONFIG",
    namespace: own,
    objects,
    changes,
    closed: false,
    get: async <T extends AnyObject>(ref: Ref) => there<T>("get", ref),
    find: async <T extends AnyObject>(ref: Ref) => {
      try {
        return there<T>("get", ref);
      } catch (error) {
        if (error instanceof ClusterError && /^(notFound|unknownKind)$/.test(error.problem)) return undefined;
        throw error;
      }
    },
    list: async <T extends AnyObject>(
      kind: { apiVersion: string; kind: string },
      { namespace = own, labels = "" }: { namespace?: string; labels?: string } = {},
    ) => {
      check("list", kind);
      const wanted = labels.split(",").filter(Boolean);
      return structuredClone(
        objects.filter(
          ({ kind: each, metadata }) =>
            each === kind.kind &&
            (namespace === "*" || (metadata.namespace ?? own) === namespace) &&
            wanted.every((label) => {
              const [key = "", value] = label.split("=");
              return metadata.labels?.[key] === value;
            }),
        ),
      ) as T[];
    },
    create: async <T extends AnyObject>(object: object, { dryRun = false } = {}) => {
      const made = structuredClone(object) as T;
      check("create", made);
      changes.push({
        what: `create ${made.kind} ${made.metadata.name}${dryRun ? " (dry run)" : ""}`,
        body: made,
      });
      if (!dryRun) objects.push(made as unknown as KubeObject);
      return made;
    },
    patch: async (ref, change, { dryRun = false, subresource } = {}) => {
      const found = there<KubeObject>("patch", ref);
      const part = subresource ? `/${subresource}` : "";
      changes.push({
        what: `patch ${ref.kind}${part} ${ref.name}${dryRun ? " (dry run)" : ""}`,
        body: change,
      });
      const merged = merge(found, change) as KubeObject;
      if (!dryRun) objects[objects.findIndex(same(ref))] = merged;
      return structuredClone(merged) as never;
    },
    delete: async (ref) => {
      check("delete", ref);
      const index = objects.findIndex(same(ref));
      if (index < 0) return false;
      changes.push({ what: `delete ${ref.kind} ${ref.name}` });
      objects.splice(index, 1);
      return true;
    },
    logs: async (pod) => {
      check("logs", { apiVersion: "v1", kind: "Pod" });
      return options.logs?.[pod] ?? "";
    },
    exec: async (pod, container, command, { stdin = "" } = {}) => {
      check("exec", { apiVersion: "v1", kind: "Pod" });
      changes.push({ what: `exec ${pod} ${command.join(" ")}` });
      return options.exec?.(pod, container, command, String(stdin)) ?? { code: 0, stdout: "", stderr: "" };
    },
    canI: async (review) => {
      if (fails) throw fails;
      return { allowed: options.may?.(review) ?? true, reason: "" };
    },
    version: async () => {
      if (fails) throw fails;
      return "v1.36.3";
    },
    raw: async (path) => {
      if (fails) throw fails;
      const found = Object.entries(options.raw ?? {}).find(([each]) => path.startsWith(each))?.[1];
      return found === undefined
        ? { status: 404, text: "404 page not found" }
        : { status: 200, text: typeof found === "string" ? found : JSON.stringify(found) };
    },
    fail: (error) => {
      fails = error;
    },
    close: () => {
      fake.closed = true;
    },
  };
  return fake;
}

/** As a JSON merge patch does. */
function merge(into: unknown, change: unknown): unknown {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return change;
  const base = typeof into === "object" && into !== null && !Array.isArray(into) ? into : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

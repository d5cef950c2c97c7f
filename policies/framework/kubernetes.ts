import type { core } from "@pulumi/kubernetes/types/output.js";
import { each, type Problem, type Undecided } from "./policy.ts";
import type { Subject } from "./subject.ts";

/** A type of which anything may be missing: what a program emits by mistake has no type that one could rely on. */
export type Partially<T> = T extends (infer Item)[]
  ? Partially<Item>[]
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> }
    : T;

/** The spec of a Kubernetes object; empty where there is none. */
export const specOf = <T>({ object }: Subject): Partially<T> => object?.spec ?? {};

/** An object's namespace; empty for an object that lies in none. */
export const namespaceOf = ({ object }: Subject): string => object?.metadata?.namespace ?? "";

/** An object's own name, which is not always Pulumi's. */
export const nameOf = ({ object, name }: Subject): string => object?.metadata?.name ?? name;

/** A pod, or the template that pods are made from. */
export interface Pod {
  /** Path of its spec in the object. */
  path: string;
  labels: Record<string, string>;
  spec: Partially<core.v1.PodSpec>;
}

/** A container as a policy finds it. */
export type Container = Partially<core.v1.Container>;

const templates: Readonly<Record<string, string[]>> = {
  "core/Pod": [],
  "core/ReplicationController": ["spec", "template"],
  "apps/Deployment": ["spec", "template"],
  "apps/StatefulSet": ["spec", "template"],
  "apps/DaemonSet": ["spec", "template"],
  "apps/ReplicaSet": ["spec", "template"],
  "batch/Job": ["spec", "template"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
};

/** All kinds that pods come from. */
export const podKinds: readonly string[] = Object.keys(templates);

/** Those whose pods serve until they are told to end. */
export const serverKinds: readonly string[] = ["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"];

/** The pod of a workload; undefined for everything else. */
export function podOf({ kind, object }: Subject): Pod | undefined {
  const path = templates[kind];
  if (path === undefined || object === undefined) return undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what is on the way to the template has no type of its own
  const template: Partially<core.v1.Pod> | undefined = path.reduce((at: any, key) => at?.[key], object);
  return {
    path: [...path, "spec"].join("."),
    labels: (template?.metadata?.labels ?? {}) as Record<string, string>,
    spec: template?.spec ?? {},
  };
}

/** Judges every container of a resource's pods, those that run before the others too. */
export function* eachContainer(
  subject: Subject,
  judge: (container: Container, field: string, pod: Pod) => Iterable<Problem | Undecided>,
): Generator<Problem | Undecided> {
  const pod = podOf(subject);
  if (!pod) return;
  for (const list of ["initContainers", "containers"] as const) {
    yield* each(pod.spec[list], (container, index) => judge(container, `${pod.path}.${list}[${index}]`, pod));
  }
}

/** A label selector of Kubernetes. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

/** Whether a selector selects labels; one that is missing or empty selects everything. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key = "", operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

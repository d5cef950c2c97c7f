import type { RecordedResource, Recording } from "../../render/record.ts";
import { GONE, type Weakness, weaknesses } from "./weaknesses.ts";

/** One way in which one resource of a program's graph is weaker than it was. */
export interface Mutation {
  /** What was done, for instance `Deployment attic: spec.template.spec.hostNetwork = true`. */
  name: string;
  before: RecordedResource;
  /** What became of it; undefined where it was left out. */
  after?: RecordedResource;
}

/** Kinds without which the stack is weaker. */
const needed =
  /:(NetworkPolicy|PodDisruptionBudget|HorizontalPodAutoscaler|BucketPublicAccessBlock|BucketPolicy|BucketServerSideEncryptionConfiguration|BucketVersioning|BucketLifecycleConfiguration|ScheduledBackup|Certificate|Job)$/;

/** Kinds that cannot be made again as they were. */
const irreplaceable = /:(Namespace|Cluster|Bucket|PrivateKey)$/;

/** Every single weakness of a program's graph, one at a time. */
export function* mutationsOf(recording: Recording): Generator<Mutation> {
  for (const resource of recording.resources.filter(({ custom }) => custom)) {
    for (const weakness of weaknesses) yield* weakened(resource, weakness);
    if (needed.test(resource.type)) yield { name: `${titleOf(resource)}: left out`, before: resource };
    if (resource.protect && irreplaceable.test(resource.type))
      yield mutation(resource, { ...resource, protect: false }, "not protected");
    yield* unmasked(resource);
    yield* halfDenied(resource);
  }
}

const titleOf = ({ type, name }: RecordedResource) => `${type.slice(type.lastIndexOf(":") + 1)} ${name}`;

const mutation = (before: RecordedResource, after: RecordedResource, what: string): Mutation => ({
  name: `${titleOf(before)}: ${what}`,
  before,
  after,
});

/** One resource, weaker in one way: in each field of it that fits. */
export function* weakened(resource: RecordedResource, weakness: Weakness): Generator<Mutation> {
  if (!weakness.kinds.test(resource.type)) return;
  for (const { path, value } of fields(resource.inputs)) {
    if (!weakness.path.test(path)) continue;
    for (const [index, to] of weakness.to.entries()) {
      const inputs = structuredClone(resource.inputs);
      const changed = set(inputs, path, to, value);
      if (!changed) continue;
      const what = to === GONE ? "left out" : `weaker (${describe(weakness, index)})`;
      yield mutation(resource, { ...resource, inputs }, `${path} ${what}`);
    }
  }
}

function describe({ to }: Weakness, index: number): string {
  const value = to[index];
  if (typeof value === "function") return `way ${index + 1}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * A policy that denies everything, for one direction alone. Only that one: of a policy that allows something, the
 * direction that is left out falls back to what is denied.
 */
function* halfDenied(resource: RecordedResource): Generator<Mutation> {
  const spec = resource.inputs.spec as { podSelector?: object; policyTypes?: string[] } | undefined;
  if (!spec?.policyTypes || Object.keys(spec.podSelector ?? { other: true }).length > 0) return;
  for (const direction of spec.policyTypes) {
    const inputs = { ...resource.inputs, spec: { ...spec, policyTypes: [direction] } };
    yield mutation(resource, { ...resource, inputs }, `denies ${direction} alone`);
  }
}

/** A secret that is handed over in plain text. */
function* unmasked(resource: RecordedResource): Generator<Mutation> {
  for (const { path, value } of fields(resource.inputs)) {
    if (value !== "[secret]") continue;
    const inputs = structuredClone(resource.inputs);
    // A Secret of whose values none is known yet shows as one secret.
    const plain = "hunter2hunter2hunter2";
    set(inputs, path, /^(stringData|data)$/.test(path) ? { password: plain } : plain, value);
    yield mutation(resource, { ...resource, inputs }, `${path} in plain text`);
  }
}

interface Field {
  path: string;
  value: unknown;
}

function* fields(value: unknown, path = ""): Generator<Field> {
  if (path !== "") yield { path, value };
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const step = Array.isArray(value)
      ? `${path}[${key}]`
      : /^\w+$/.test(key)
        ? `${path === "" ? "" : `${path}.`}${key}`
        : `${path}[${JSON.stringify(key)}]`;
    yield* fields(child, step);
  }
}

/** Sets a field; says whether anything is different now. */
function set(inputs: object, path: string, to: unknown, old: unknown): boolean {
  const keys = [...path.matchAll(/\["([^\]]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, a, b, c]) => a ?? b ?? c ?? "",
  );
  const last = keys.pop() as string;
  const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], inputs) as Record<
    string,
    unknown
  >;
  if (typeof to === "object" && to !== null && "pod" in to) {
    Object.assign(parent, to.pod);
    return true;
  }
  if (to === GONE) {
    delete parent[last];
    return true;
  }
  parent[last] = typeof to === "function" ? (to as (old: unknown) => unknown)(structuredClone(old)) : to;
  return JSON.stringify(parent[last]) !== JSON.stringify(old);
}

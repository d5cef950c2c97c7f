import { kindOf as kindOfType } from "../policies/framework/subject.ts";
import { unknownMask } from "../render/mask.ts";
import { kindOf, type Properties, type Step } from "./steps.ts";

/** A number that changes how much runs. */
export interface ScalingChange {
  /** The object, for instance `HorizontalPodAutoscaler attic`. */
  object: string;
  field: string;
  before: string;
  after: string;
}

type Field = [name: string, value: unknown];

/** Where each kind says how much of it runs. */
const fields: Readonly<Record<string, (object: Properties) => Field[]>> = {
  "autoscaling/HorizontalPodAutoscaler": (object) => [
    ["replicas at least", at(object, "spec", "minReplicas")],
    ["replicas at most", at(object, "spec", "maxReplicas")],
    ...each("utilization", at(object, "spec", "metrics"), (metric): Field[] => [
      [
        `${at(metric, "resource", "name")} utilization, %`,
        at(metric, "resource", "target", "averageUtilization"),
      ],
    ]),
  ],
  "apps/Deployment": (object) => containers(object),
  "batch/CronJob": (object) => [
    ["schedule", at(object, "spec", "schedule")],
    ...containers(at(object, "spec", "jobTemplate")),
  ],
  "postgresql.cnpg.io/Cluster": (object) => [
    ["instances", at(object, "spec", "instances")],
    ["volume", at(object, "spec", "storage", "size")],
    ["connections", at(object, "spec", "postgresql", "parameters", "max_connections")],
    ...amounts("", at(object, "spec", "resources")),
  ],
};

const containers = (of: unknown): Field[] =>
  each("containers", at(of, "spec", "template", "spec", "containers"), (container) =>
    amounts(`${at(container, "name")}: `, at(container, "resources")),
  );

const amounts = (of: string, resources: unknown): Field[] =>
  (["requests", "limits"] as const).flatMap((which): Field[] => {
    const word = which === "requests" ? "requested" : "at most";
    const much = at(resources, which);
    if (!isObject(much)) return much === undefined ? [] : [[`${of}resources ${word}`, much]];
    return Object.entries(much).map(([what, value]): Field => [`${of}${what} ${word}`, value]);
  });

/** What stands at a path; the mask where something on the way to it is not known yet, undefined where there is none. */
function at(value: unknown, ...path: string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || value === unknownMask) return value;
  return at(isObject(value) ? value[key] : undefined, ...rest);
}

/** The fields of every item; of a list that is not known yet, that it is not. */
const each = (name: string, list: unknown, read: (item: unknown) => Field[]): Field[] =>
  Array.isArray(list) ? list.flatMap(read) : list === undefined ? [] : [[name, list]];

const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null;

/** Numbers that say how much runs and differ from what they were; of new objects all, as they were nothing before. */
export function scalingChanges(steps: readonly Step[]): ScalingChange[] {
  return steps.flatMap((step) => {
    const read = fields[kindOfType(step.type)];
    if (!read || step.change === "keep") return [];
    const side = (object: Properties | undefined) => new Map(object ? read(object) : []);
    const [before, after] = [side(step.before), side(step.after)];
    return [...new Set([...before.keys(), ...after.keys()])]
      .map((field) => ({
        object: `${kindOf(step)} ${step.name}`,
        field,
        before: shown(before, field),
        after: shown(after, field),
      }))
      .filter((change) => change.before !== change.after);
  });
}

/** What one side says; where a part of it is not known yet, what is missing may stand in that part. */
function shown(side: ReadonlyMap<string, unknown>, field: string): string {
  const missing = [...side.values()].includes(unknownMask) ? unknownMask : "–";
  return String(side.get(field) ?? missing);
}

import { kindOf, type Properties, type Step } from "./steps.ts";

/** A number that changes how much runs. */
export interface ScalingChange {
  /** The object, for instance `HorizontalPodAutoscaler attic`. */
  object: string;
  field: string;
  before: string;
  after: string;
}

type Fields = (properties: Properties) => [string, unknown][];

/** Where each kind says how much of it runs. */
const fields: Readonly<Record<string, Fields>> = {
  HorizontalPodAutoscaler: ({ spec }) => {
    const { minReplicas, maxReplicas, metrics } = spec as Properties;
    return [
      ["replicas at least", minReplicas],
      ["replicas at most", maxReplicas],
      ...((metrics ?? []) as Metric[]).map(({ resource }): [string, unknown] => [
        `${resource?.name} utilization, %`,
        resource?.target?.averageUtilization,
      ]),
    ];
  },
  Deployment: (properties) => containers(properties),
  CronJob: ({ spec }) => {
    const { schedule, jobTemplate } = spec as { schedule: string; jobTemplate: Properties };
    return [["schedule", schedule], ...containers(jobTemplate)];
  },
  Cluster: ({ spec }) => {
    const { instances, storage, resources, postgresql } = spec as Cluster;
    return [
      ["instances", instances],
      ["volume", storage?.size],
      ["connections", postgresql?.parameters?.max_connections],
      ...amounts("", resources),
    ];
  },
};

interface Metric {
  resource?: { name: string; target?: { averageUtilization?: number } };
}
interface Resources {
  requests?: Record<string, string>;
  limits?: Record<string, string>;
}
interface Cluster {
  instances?: number;
  storage?: { size?: string };
  resources?: Resources;
  postgresql?: { parameters?: { max_connections?: string } };
}

function containers({ spec }: Properties): [string, unknown][] {
  const { template } = spec as {
    template: { spec: { containers: { name: string; resources?: Resources }[] } };
  };
  return template.spec.containers.flatMap(({ name, resources }) => amounts(`${name}: `, resources));
}

function amounts(of: string, { requests = {}, limits = {} }: Resources = {}): [string, unknown][] {
  return [
    ...Object.entries(requests).map(([what, much]): [string, unknown] => [`${of}${what} requested`, much]),
    ...Object.entries(limits).map(([what, much]): [string, unknown] => [`${of}${what} at most`, much]),
  ];
}

/** Numbers that say how much runs and differ from what they were; of new objects all, as they were nothing before. */
export function scalingChanges(steps: readonly Step[]): ScalingChange[] {
  return steps.flatMap((step) => {
    const read = fields[kindOf(step)];
    if (!read || step.change === "keep") return [];
    const [before, after] = [step.before, step.after].map((at) => new Map(at ? read(at) : []));
    const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
    const text = (value: unknown) => (value === undefined ? "–" : String(value));
    return names
      .map((field) => ({
        object: `${kindOf(step)} ${step.name}`,
        field,
        before: text(before?.get(field)),
        after: text(after?.get(field)),
      }))
      .filter((change) => change.before !== change.after);
  });
}

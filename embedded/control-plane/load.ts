import { type KubeClient, KubeError, kubeClient } from "./client.ts";

/** Which containers are said to use how much. Quantities as in a manifest: "250m", "128Mi". */
export interface SimulatedLoad {
  readonly namespace: string;
  /** Of each container, not of the pod or of all pods together. */
  readonly cpu: string;
  /** Of each container. @default what it is without load: its pod's annotation, else 64Mi */
  readonly memory?: string;
  /** Only pods with all of these. @default every pod of the namespace, also those yet to come */
  readonly labels?: Readonly<Record<string, string>>;
}

const object = "/apis/kwok.x-k8s.io/v1alpha1/clusterresourceusages/containers";
const prefix = "embedded.attic-pulumi";

interface Usage {
  metadata: { resourceVersion: string; annotations: Record<string, string> };
  spec: { usages: { usage: Record<string, { expression: string }> }[] };
}

/**
 * Makes pods report a load, which autoscalers see through metrics-server 10 to 25 s later. It stays
 * until it is changed (the same namespace and labels again) or cleared; pods that come later report it
 * too. Where several loads match a pod, the one with more labels counts, then the newer one.
 *
 * @param kubeconfig path of the administrator's kubeconfig
 */
export async function simulateLoad(kubeconfig: string, load: SimulatedLoad): Promise<void> {
  for (const quantity of [load.cpu, load.memory ?? "0"]) {
    if (!/^\d+(\.\d+)?(m|[kMGT]i?)?$/.test(quantity)) {
      throw new Error(
        `A simulated load of "${quantity}" is no quantity; write it as in a manifest: 250m, 128Mi.`,
      );
    }
  }
  await changeLoads(kubeconfig, (loads) => [load, ...loads.filter((other) => !sameTarget(other, load))]);
}

/** Ends a simulated load; without labels, every load of the namespace. One that is not there is no error. */
export async function clearLoad(
  kubeconfig: string,
  target: Pick<SimulatedLoad, "namespace" | "labels">,
): Promise<void> {
  await changeLoads(kubeconfig, (loads) =>
    loads.filter((load) =>
      target.labels === undefined ? load.namespace !== target.namespace : !sameTarget(load, target),
    ),
  );
}

/**
 * The expression that KWOK evaluates for each container: the first load that matches, else what holds
 * without any.
 */
export function usageExpression(
  resource: "cpu" | "memory",
  loads: readonly SimulatedLoad[],
  otherwise: string,
): string {
  const labels = (load: SimulatedLoad) => Object.entries(load.labels ?? {}).sort();
  return [...loads]
    .sort((a, b) => labels(b).length - labels(a).length)
    .filter((load) => load[resource] !== undefined)
    .reduceRight((rest, load) => {
      const conditions = [
        `pod.metadata.namespace == ${JSON.stringify(load.namespace)}`,
        ...labels(load).map(([name, value]) => {
          const key = JSON.stringify(name);
          return `${key} in pod.metadata.labels && pod.metadata.labels[${key}] == ${JSON.stringify(value)}`;
        }),
      ];
      return `${conditions.join(" && ")} ? Quantity(${JSON.stringify(load[resource])}) : (${rest})`;
    }, otherwise);
}

/** All loads live in one object: of several objects that match a pod KWOK would take any. */
async function changeLoads(
  kubeconfig: string,
  change: (loads: readonly SimulatedLoad[]) => readonly SimulatedLoad[],
): Promise<void> {
  const client = await kubeClient(kubeconfig);
  try {
    while (!(await tryChange(client, change)));
  } finally {
    client.close();
  }
}

/** @returns false when another change came in between */
async function tryChange(
  client: KubeClient,
  change: (loads: readonly SimulatedLoad[]) => readonly SimulatedLoad[],
): Promise<boolean> {
  const usage = await client.json<Usage>("GET", object);
  const { annotations } = usage.metadata;
  const loads = change(JSON.parse(annotations[`${prefix}/loads`] ?? "[]") as SimulatedLoad[]);
  annotations[`${prefix}/loads`] = JSON.stringify(loads);
  usage.spec.usages = [
    {
      usage: {
        cpu: { expression: usageExpression("cpu", loads, annotations[`${prefix}/cpu`] ?? 'Quantity("10m")') },
        memory: {
          expression: usageExpression("memory", loads, annotations[`${prefix}/memory`] ?? 'Quantity("64Mi")'),
        },
      },
    },
  ];
  try {
    await client.json("PUT", object, { body: usage });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return false;
    throw error;
  }
}

function sameTarget(a: Pick<SimulatedLoad, "namespace" | "labels">, b: typeof a): boolean {
  const key = ({ namespace, labels = {} }: typeof a) =>
    JSON.stringify([namespace, Object.entries(labels).sort()]);
  return key(a) === key(b);
}

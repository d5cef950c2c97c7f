import { nodeOf } from "../../../live/addresses.ts";
import { kubectl, output, until } from "./world.ts";

/** The node, by name, that a pod of the stack runs on. */
export const nodeOfPod = (pod: string): Promise<string> =>
  kubectl("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}");

/** The number of a node, which `killNode` and `startNode` know it by. */
export const numberOf = (node: string): number => Number(node.slice(nodeOf(1).name.length - 1));

/** A node to which nothing happens while something happens to another. */
export const otherThan = (node: string): string => nodeOf((numberOf(node) % 3) + 1).name;

interface Pods {
  items: {
    metadata: { name: string; namespace: string; deletionTimestamp?: string };
    spec: { nodeName?: string };
    status: { phase: string; conditions?: { type: string; status: string }[] };
  }[];
}

/** Every pod of the cluster that is to run, and is not ready, as `namespace/name`. */
export async function podsNotReady(): Promise<string[]> {
  const { items } = JSON.parse(await output("kubectl", "get", "pods", "-A", "-o", "json")) as Pods;
  return items
    .filter(({ status }) => status.phase !== "Succeeded" && status.phase !== "Failed")
    .filter(({ metadata, status }) => {
      const ready = status.conditions?.find(({ type }) => type === "Ready")?.status === "True";
      return metadata.deletionTimestamp !== undefined || !ready;
    })
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Waits until every pod that is to run is ready. @returns seconds */
export const everyPodBack = (seconds = 240): Promise<number> =>
  until("every pod is ready", seconds, async () => {
    const missing = await podsNotReady();
    if (missing.length > 0) throw new Error(missing.join(", "));
    return true;
  });

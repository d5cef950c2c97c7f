import { kubectl, until } from "./world.ts";

/** A pod of the API. */
export interface ApiPod {
  name: string;
  node: string;
  ready: boolean;
  /** Whether it has been told to end. */
  ending: boolean;
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: { conditions?: { type: string; status: string }[] };
}

/** The pods of the API, those that are ending as well. */
export async function apiPods(): Promise<ApiPod[]> {
  const text = await kubectl("get", "pods", "--selector=app.kubernetes.io/name=attic", "-o", "json");
  return (JSON.parse(text) as { items: Pod[] }).items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    node: spec.nodeName ?? "",
    ready: (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    ending: metadata.deletionTimestamp !== undefined,
  }));
}

/** The names of those that stay. */
export const apiPodNames = async (): Promise<string[]> =>
  (await apiPods())
    .filter(({ ending }) => !ending)
    .map(({ name }) => name)
    .sort();

/** Waits until none of these pods is left, and those that are there are ready: a rollout is over then, and not before. */
export const replaced = (old: readonly string[], seconds = 240): Promise<number> =>
  until("every pod of the API is a new one, and ready", seconds, async () => {
    const pods = await apiPods();
    return (
      pods.length > 0 && pods.every(({ name, ready, ending }) => ready && !ending && !old.includes(name))
    );
  });

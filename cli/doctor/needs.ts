import { isKubernetes } from "../../render/paths.ts";
import type { Recording } from "../../render/record.ts";

/** What an update has to be allowed to do with the objects of one kind. */
export interface Need {
  apiVersion: string;
  kind: string;
  verbs: string[];
}

/** What Pulumi's provider does with each object that it looks after: it applies on the server's side. */
const ownVerbs = ["get", "create", "patch", "delete"];

/** Reading what it waits for. */
const waiting = ["get", "list", "watch"];

/** What the provider looks at beside the object itself, until it is ready. */
const watched: Record<string, Omit<Need, "verbs">[]> = {
  Deployment: [
    { apiVersion: "apps/v1", kind: "ReplicaSet" },
    { apiVersion: "v1", kind: "Pod" },
    { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  ],
  Job: [{ apiVersion: "v1", kind: "Pod" }],
  Service: [{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }],
};

/**
 * What the program needs to be allowed, by the objects that it makes.
 * @param lookUps whether it looks for the APIs of operators
 */
export function needsOf({ resources }: Pick<Recording, "resources">, lookUps: boolean): Need[] {
  const needs = new Map<string, Need>();
  const add = (apiVersion: string, kind: string, verbs: string[]) => {
    const need = needs.get(`${apiVersion}/${kind}`) ?? { apiVersion, kind, verbs: [] };
    needs.set(`${apiVersion}/${kind}`, { ...need, verbs: [...new Set([...need.verbs, ...verbs])] });
  };
  if (lookUps) add("apiregistration.k8s.io/v1", "APIService", ["get"]);
  for (const resource of resources.filter(isKubernetes)) {
    const { apiVersion, kind, metadata } = resource.inputs as unknown as {
      apiVersion: string;
      kind: string;
      metadata?: { annotations?: Record<string, string> };
    };
    add(apiVersion, kind, ownVerbs);
    const awaited = kind in watched || metadata?.annotations?.["pulumi.com/waitFor"] !== undefined;
    if (awaited) add(apiVersion, kind, waiting);
    for (const other of watched[kind] ?? []) add(other.apiVersion, other.kind, waiting);
  }
  return [...needs.values()];
}

/** Fields of the manifests that an older Kubernetes drops or refuses, with the first version that has them on. */
const fields: Record<string, string> = {
  '"sleep":{': "1.30",
  '"podReplacementPolicy":': "1.29",
  '"timeZone":': "1.27",
  '"unhealthyPodEvictionPolicy":': "1.27",
  '"matchLabelKeys":': "1.27",
};

/** The oldest Kubernetes that takes all the manifests as they are meant: HorizontalPodAutoscaler v2 came with 1.23. */
export function leastKubernetes({ resources }: Pick<Recording, "resources">): string {
  const text = JSON.stringify(resources.filter(isKubernetes).map(({ inputs }) => inputs));
  return Object.entries(fields).find(([field]) => text.includes(field))?.[1] ?? "1.23";
}

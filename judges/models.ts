import type { JudgedObject } from "./manifests.ts";

/** The package that has the models of an API group; each is generated from the Go types of the operator. */
const packages: Readonly<Record<string, string>> = {
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
  "traefik.io": "@kubernetes-models/traefik",
};

type Model = new (data: object) => { validate(): void };

/**
 * What the model of a custom resource has against it: nothing, or a complaint. The models' JSON Schemas are made by
 * other hands than the API server's, and refuse a wrong type or a missing field, not an unknown one.
 *
 * @returns undefined for an object whose group has no model: those of Kubernetes itself, and barman-cloud's
 * @throws Error when the group has models and none of this version and kind
 */
export async function modelComplaint(object: JudgedObject): Promise<string | null | undefined> {
  const { apiVersion, kind } = object;
  const models = packages[apiVersion.split("/")[0] ?? ""];
  if (!models) return undefined;
  const { [kind]: Kind } = (await import(`${models}/${apiVersion}/${kind}`)) as Record<string, Model>;
  if (!Kind) throw new Error(`${models} has no ${kind} of ${apiVersion}`);
  try {
    new Kind(object).validate();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

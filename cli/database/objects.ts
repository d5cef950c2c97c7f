import { names } from "../../components/attic/names.ts";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { name as database } from "../../components/postgres/names.ts";
import type { KubeObject, Ref } from "../cluster/index.ts";

/** An object as the API server has it. Specs and statuses differ by kind; whoever reads one knows it. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Live = Manifest & KubeObject<any, any>;

const cnpg = "postgresql.cnpg.io/v1";

/** Kinds that are listed. */
export const kinds = {
  backup: { apiVersion: cnpg, kind: "Backup" },
  claim: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  job: { apiVersion: "batch/v1", kind: "Job" },
  namespace: { apiVersion: "v1", kind: "Namespace" },
  pod: { apiVersion: "v1", kind: "Pod" },
} as const;

/** Objects of the database, and of what writes into it. */
export const refs = {
  cluster: { apiVersion: cnpg, kind: "Cluster", name: database },
  store: { apiVersion: "barmancloud.cnpg.io/v1", kind: "ObjectStore", name: database },
  serviceAccount: { apiVersion: "v1", kind: "ServiceAccount", name: database },
  secrets: { apiVersion: "v1", kind: "Secret", name: names.secrets },
  api: { apiVersion: "apps/v1", kind: "Deployment", name: names.api },
  collector: { apiVersion: "apps/v1", kind: "Deployment", name: names.collector },
  collectorCronJob: { apiVersion: "batch/v1", kind: "CronJob", name: names.collector },
} satisfies Record<string, Ref>;

/** A volume, which lies in no namespace. */
export const volume = (name: string): Ref => ({ apiVersion: "v1", kind: "PersistentVolume", name });

/** The label that the operator puts on all that it makes for the database. */
export const ofDatabase = `cnpg.io/cluster=${database}`;

/** A condition of an object, if it has it. */
export function condition(
  object: Live | undefined,
  type: string,
): { status: string; reason?: string; message?: string; lastTransitionTime?: string } | undefined {
  return object?.status?.conditions?.find((one: { type: string }) => one.type === type);
}

/** Whether the operator calls a Cluster ready. */
export const isReady = (cluster: Live | undefined) => condition(cluster, "Ready")?.status === "True";

import { names } from "../../components/attic/names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { KubeObject, NewObject } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

interface Template {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { restartPolicy?: string; containers: { name: string; args?: string[] }[] };
}

/** The Deployment or the CronJob that collects garbage in the cluster, as far as it is read. */
export type Collector = KubeObject<{
  replicas?: number;
  suspend?: boolean;
  template?: Template;
  jobTemplate?: { spec: { template: Template } };
}>;

/** Which object collects garbage, by the configuration. */
export const collectorRef = ({ garbageCollection }: StackConfig) =>
  garbageCollection.runAs === "cronJob"
    ? { apiVersion: "batch/v1", kind: "CronJob", name: names.collector }
    : { apiVersion: "apps/v1", kind: "Deployment", name: names.collector };

/** By this label, all Jobs and pods of the collector are found, and its NetworkPolicy lets them out. */
export const collectorLabel = `app.kubernetes.io/name=${names.collector}`;

/** Seconds for which a finished Job and its log are kept. */
const kept = 86_400;

/** Whether somebody stopped the collector, for a restore maybe; undefined when nobody did. */
export function whyStopped({ kind, spec }: Collector): string | undefined {
  if (kind === "CronJob" && spec?.suspend) return `CronJob ${names.collector} is suspended`;
  if (kind === "Deployment" && spec?.replicas === 0) return `Deployment ${names.collector} is scaled to 0`;
  return undefined;
}

/**
 * One collection as a Job: the pod is the collector's own as it runs in the cluster, with its labels, which the
 * NetworkPolicy goes by, and with the mode that ends when it is done.
 * @throws CliError when the collector is of another make
 */
export function collectionJob(collector: Collector, now: Date): NewObject {
  const { kind, metadata, spec, apiVersion } = collector;
  const template = structuredClone(kind === "CronJob" ? spec?.jobTemplate?.spec.template : spec?.template);
  const [container] = template?.spec.containers ?? [];
  const mode = container?.args?.indexOf("--mode") ?? -1;
  if (!template || !container?.args || mode < 0) {
    throw new CliError(
      EXIT.failed,
      `${kind} ${metadata.name} has no container with --mode: it is not the program's`,
      "bring the stack up first",
    );
  }
  container.args[mode + 1] = "garbage-collector-once";
  template.spec.restartPolicy = "Never";
  const labels = template.metadata?.labels;
  // A ReplicaSet takes pods with its hash for its own.
  delete labels?.["pod-template-hash"];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${names.collector}-run-${now.toISOString().slice(0, 19).replace(/\D/g, "")}`,
      labels: { ...labels, "app.kubernetes.io/managed-by": "atticctl" },
      ...(kind === "CronJob" &&
        metadata.uid && {
          // As `kubectl create job --from` does: a success counts as one of the CronJob's.
          annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
          ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
        }),
    },
    // Somebody is watching: a failure is told, and not tried again behind their back.
    spec: { backoffLimit: 0, ttlSecondsAfterFinished: kept, template },
  };
}

import { kindOf } from "../policies/framework/subject.ts";
import type { Step } from "./steps.ts";

const database = "the database: every cache's metadata since the last backup";
const bucket = "the bucket: all that it holds";
const route = "the routes: clients see errors as long as there are none";
const pods = "the running pods: requests fail as long as no others are ready";
const rights = "what its pods may do in the cloud: they reach no bucket as long as there is none";

/** What is lost with a resource, and missing as long as there is no other. */
const losses: Readonly<Record<string, string>> = {
  "core/Namespace": "everything in the namespace, the database and its volumes with it",
  "postgresql.cnpg.io/Cluster": database,
  "aws:rds/cluster:Cluster": database,
  "aws:rds/instance:Instance": database,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketV2:BucketV2": bucket,
  "aws:s3/bucketVersioning:BucketVersioning":
    "the versions to come: what is overwritten or deleted in the bucket is gone",
  "aws:kms/key:Key": "the key: nobody can read any more what is encrypted with it",
  "core/PersistentVolumeClaim": "the volume: all that it holds",
  "barmancloud.cnpg.io/ObjectStore": "the way to the backups; the backups themselves stay",
  "postgresql.cnpg.io/ScheduledBackup": "the schedule: no more backups are made; those that there are stay",
  "kubernetes:helm.sh/v3:Release":
    "all that the chart made, such as an operator or a load balancer with its address",
  "cert-manager.io/Certificate": "the certificate: clients see errors as long as there is no other",
  "traefik.io/IngressRoute": route,
  "traefik.io/Middleware": route,
  "traefik.io/ServersTransport": route,
  "traefik.io/TraefikService": route,
  "apps/Deployment": pods,
  "apps/StatefulSet": pods,
  "core/Service": "the address of the pods: requests fail as long as there is none",
  "core/Secret": "the Secret: pods that start without it fail",
  "core/ServiceAccount": "the identity of its pods: none starts without it",
  "aws:iam/role:Role": rights,
  "aws:iam/rolePolicy:RolePolicy": rights,
  "pulumi:index:Stash": "a remembered time, from which tokens are counted",
  "networking.k8s.io/NetworkPolicy":
    "the rules of who reaches its pods and whom they reach: without it, others get through, or nobody",
};

/** Kinds of which another does as well; a deleted one is still missing. */
const remadeWithoutLoss = new Set([
  "autoscaling/HorizontalPodAutoscaler",
  "batch/Job",
  "core/ConfigMap",
  "monitoring.coreos.com/PodMonitor",
  "monitoring.coreos.com/PrometheusRule",
  "policy/PodDisruptionBudget",
]);

/** A deletion or replacement, and what is lost by it. */
export interface Danger {
  step: Step;
  /** Empty where nothing is lost. */
  loss: string;
}

/** Deletions and replacements, those with a loss first. */
export function dangers(steps: readonly Step[]): Danger[] {
  return steps
    .filter(({ change }) => change === "delete" || change === "replace")
    .map((step) => ({ step, loss: lossOf(step) }))
    .toSorted((a, b) => Number(b.loss !== "") - Number(a.loss !== ""));
}

function lossOf({ type, name, change }: Step): string {
  const kind = kindOf(type);
  if (kind === "tls:index/privateKey:PrivateKey") {
    return name.startsWith("cache-")
      ? "a cache's signing key: clients no longer trust what it signed"
      : "the signing key: every token that was minted before is void";
  }
  if (change === "replace" && remadeWithoutLoss.has(kind)) return "";
  return losses[kind] ?? "the object; nobody has said what is lost with it";
}

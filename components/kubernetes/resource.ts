import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "./manifest.ts";

type Constructor = new (
  name: string,
  args: Manifest,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** The typed resource of each kind that the program uses; every other kind is a CustomResource. */
const typed = {
  "v1/ConfigMap": kubernetes.core.v1.ConfigMap,
  "v1/Namespace": kubernetes.core.v1.Namespace,
  "v1/Secret": kubernetes.core.v1.Secret,
  "v1/Service": kubernetes.core.v1.Service,
  "v1/ServiceAccount": kubernetes.core.v1.ServiceAccount,
  "apps/v1/Deployment": kubernetes.apps.v1.Deployment,
  "autoscaling/v2/HorizontalPodAutoscaler": kubernetes.autoscaling.v2.HorizontalPodAutoscaler,
  "batch/v1/CronJob": kubernetes.batch.v1.CronJob,
  "batch/v1/Job": kubernetes.batch.v1.Job,
  "networking.k8s.io/v1/Ingress": kubernetes.networking.v1.Ingress,
  "networking.k8s.io/v1/NetworkPolicy": kubernetes.networking.v1.NetworkPolicy,
  "policy/v1/PodDisruptionBudget": kubernetes.policy.v1.PodDisruptionBudget,
} as unknown as Record<string, Constructor>;

/**
 * Turns one manifest into one Pulumi resource. One resource for each object, never a ConfigGroup: only so do
 * previews, policies, mocks and secrets see every object.
 * @param name Pulumi's name for it, where the object's own name changes; the object's name when left out
 */
export function resource(
  manifest: Manifest,
  options: pulumi.CustomResourceOptions,
  name = manifest.metadata.name,
): pulumi.CustomResource {
  const Kind = typed[`${manifest.apiVersion}/${manifest.kind}`] ?? kubernetes.apiextensions.CustomResource;
  return new (Kind as Constructor)(name, manifest, options);
}

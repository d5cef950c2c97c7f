import type * as pulumi from "@pulumi/pulumi";
import { type Manifest, podTemplate } from "./manifest.ts";

// What only Pulumi knows is laid over finished manifests here: builders take plain values alone.

/**
 * Puts fingerprints of what the pods read at start on a workload's pod template, so that a change of it is a
 * rolling restart.
 */
export function annotatePods(workload: Manifest, checksums: Record<string, pulumi.Input<string>>): void {
  for (const [name, value] of Object.entries(checksums)) {
    annotate(podsOf(workload), `attic.pulumi/checksum-${name}`, value);
  }
}

/**
 * Lets a workload's pods assume an IAM role (IRSA). EKS reads it from their ServiceAccount when a pod is made, so the
 * pods carry it, too: another role is a rolling restart.
 */
export function assumeRole(
  serviceAccount: Manifest,
  workload: Manifest,
  roleArn: pulumi.Input<string> | undefined,
): void {
  if (roleArn === undefined) return;
  annotate(serviceAccount, "eks.amazonaws.com/role-arn", roleArn);
  annotate(podsOf(workload), "attic.pulumi/role-arn", roleArn);
}

function podsOf(workload: Manifest): Manifest {
  const template = podTemplate(workload);
  if (!template) throw new Error(`a ${workload.kind} has no pods`);
  return template;
}

function annotate({ metadata }: Manifest, key: string, value: pulumi.Input<string>): void {
  metadata.annotations = { ...metadata.annotations, [key]: value as string };
}

import type * as pulumi from "@pulumi/pulumi";
import { type Manifest, podTemplate } from "./manifest.ts";

// What only Pulumi knows is laid over finished manifests here: builders take plain values alone.

/**
 * Puts fingerprints of what the pods read at start on a workload's pod template, so that a change of it is a
 * rolling restart.
 */
export function annotatePods(workload: Manifest, checksums: Record<string, pulumi.Input<string>>): void {
  const template = podTemplate(workload);
  if (!template) throw new Error(`a ${workload.kind} has no pods`);
  for (const [name, value] of Object.entries(checksums)) {
    annotate(template, `attic.pulumi/checksum-${name}`, value);
  }
}

/** Lets the pods of a ServiceAccount assume an IAM role (IRSA). */
export function annotateServiceAccount(
  serviceAccount: Manifest,
  roleArn: pulumi.Input<string> | undefined,
): void {
  if (roleArn !== undefined) annotate(serviceAccount, "eks.amazonaws.com/role-arn", roleArn);
}

function annotate({ metadata }: Manifest, key: string, value: pulumi.Input<string>): void {
  metadata.annotations = { ...metadata.annotations, [key]: value as string };
}

import * as pulumi from "@pulumi/pulumi";
import { annotatePods, assumeRole } from "../kubernetes/annotate.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { resource } from "../kubernetes/resource.ts";
import { autoscaledDeployment } from "./manifests.ts";
import type { AutoscaledDeploymentSpec } from "./spec.ts";

export { profiles } from "./profiles.ts";
export type { AutoscaledDeploymentSpec } from "./spec.ts";

/** What an AutoscaledDeployment is made of. */
export interface AutoscaledDeploymentArgs {
  /** The service; plain values only. */
  spec: AutoscaledDeploymentSpec;
  /**
   * Fingerprints of what the pods read when they start, by name. A changed one is a rolling restart.
   * @example { config: checksum(serverToml) }
   */
  checksums?: Record<string, pulumi.Input<string>>;
  /** The IAM role that the pods assume (IRSA). */
  roleArn?: pulumi.Input<string>;
}

/**
 * A stateless HTTP service that scales by CPU and memory: Deployment, HorizontalPodAutoscaler,
 * PodDisruptionBudget, Service and ServiceAccount, fit for the `restricted` Pod Security level.
 */
export class AutoscaledDeployment extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscaledDeploymentArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:kubernetes:AutoscaledDeployment", name, {}, options);
    const objects = Object.groupBy(autoscaledDeployment(args.spec), ({ kind }) => kind);
    const create = (kind: string, dependsOn: pulumi.Resource[] = []) =>
      resource(objects[kind]?.[0] as Manifest, { parent: this, dependsOn });

    const [workload, account] = [
      objects.Deployment?.[0] as Manifest,
      objects.ServiceAccount?.[0] as Manifest,
    ];
    annotatePods(workload, args.checksums ?? {});
    assumeRole(account, workload, args.roleArn);
    const serviceAccount = create("ServiceAccount");
    const deployment = create("Deployment", [serviceAccount]);
    const service = create("Service");
    create("HorizontalPodAutoscaler", [deployment]);
    create("PodDisruptionBudget");

    this.registerOutputs({ deployment: deployment.id, service: service.id });
  }
}

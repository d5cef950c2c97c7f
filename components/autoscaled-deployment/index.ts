import * as pulumi from "@pulumi/pulumi";
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
}

/**
 * A stateless HTTP service that scales by CPU and memory: Deployment, HorizontalPodAutoscaler,
 * PodDisruptionBudget, Service and ServiceAccount, fit for the `restricted` Pod Security level.
 */
export class AutoscaledDeployment extends pulumi.ComponentResource {
  /** Name of the Service. */
  readonly service: pulumi.Output<string>;

  constructor(name: string, args: AutoscaledDeploymentArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:kubernetes:AutoscaledDeployment", name, {}, options);
    const objects = Object.groupBy(autoscaledDeployment(args.spec), ({ kind }) => kind);
    const create = (kind: string, dependsOn: pulumi.Resource[] = []) =>
      resource(objects[kind]?.[0] as Manifest, { parent: this, dependsOn });

    annotate(objects.Deployment?.[0] as Manifest, args.checksums ?? {});
    const serviceAccount = create("ServiceAccount");
    const deployment = create("Deployment", [serviceAccount]);
    const service = create("Service");
    create("HorizontalPodAutoscaler", [deployment]);
    create("PodDisruptionBudget");

    this.service = pulumi.output(args.spec.name);
    this.registerOutputs({ deployment: deployment.id, service: service.id });
  }
}

function annotate({ spec }: Manifest, checksums: Record<string, pulumi.Input<string>>): void {
  const { metadata } = spec.template;
  for (const [name, value] of Object.entries(checksums)) {
    metadata.annotations = { ...metadata.annotations, [`attic.pulumi/checksum-${name}`]: value };
  }
}

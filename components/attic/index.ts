import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { AutoscaledDeployment } from "../autoscaled-deployment/index.ts";
import { annotatePods, assumeRole } from "../kubernetes/annotate.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { resource } from "../kubernetes/resource.ts";
import { api } from "./api.ts";
import { collector } from "./collector.ts";
import { migrations, migrationsOptions } from "./migrations.ts";
import { names } from "./names.ts";
import type { AtticSettings } from "./settings.ts";

export { AtticSettings } from "./settings.ts";

/** What an Attic server is made of. */
export interface AtticArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /** What its processes read when they start. */
  settings: AtticSettings;
  /** The IAM role by which the API and the garbage collector reach the object store. */
  roleArn?: pulumi.Input<string>;
}

/**
 * The Attic server: the migrations of its database, then the API that serves Nix clients and the garbage
 * collector. Until the migrations are done, the API stays what it was. The database belongs in `dependsOn`.
 */
export class Attic extends pulumi.ComponentResource {
  constructor(name: string, args: AtticArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:attic:Attic", name, {}, options);
    const { config, settings, roleArn } = args;
    const migrated = this.run(migrations(config), migrationsOptions, names.migrations);

    new AutoscaledDeployment(
      names.api,
      { spec: api(config), checksums: settings.checksums, roleArn },
      { parent: this, dependsOn: [migrated] },
    );

    const [account, workload] = collector(config) as [Manifest, Manifest];
    annotatePods(workload, settings.checksums);
    assumeRole(account, workload, roleArn);
    this.run([account, workload], { dependsOn: [migrated] });
    this.registerOutputs({});
  }

  /** Makes a ServiceAccount and the workload that runs as it. */
  private run(
    built: Manifest[],
    { dependsOn = [], ...options }: pulumi.CustomResourceOptions & { dependsOn?: pulumi.Resource[] },
    name?: string,
  ): pulumi.Resource {
    const [account, workload] = built as [Manifest, Manifest];
    const identified = resource(account, { parent: this });
    return resource(workload, { ...options, parent: this, dependsOn: [...dependsOn, identified] }, name);
  }
}

import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { resource } from "../kubernetes/resource.ts";
import { scheduledBackup } from "./backup.ts";
import { cluster } from "./cluster.ts";
import { databaseMonitor } from "./monitor.ts";
import { objectStore, usesRole } from "./object-store.ts";
import { clusterOptions } from "./options.ts";

export { type DatabaseHosts, databaseHosts } from "./hosts.ts";
export { sessionStatementTimeout } from "./statement-timeout.ts";

/** What a Postgres is made of. */
export interface PostgresArgs {
  /** The stack's configuration, with `database.provider: cloudNativePg`. */
  config: StackConfig;
  /**
   * The IAM role that the instances assume to reach their backups, where the object store makes one.
   * @default database.cloudNativePg.roleArn
   */
  roleArn?: pulumi.Input<string>;
}

/**
 * The PostgreSQL database of Attic's metadata: a CloudNativePG Cluster with its backups. It is made when the Cluster
 * is ready. The Secret with the object store's access keys must be there before, hence in `dependsOn`: a restore
 * reads the backups with it.
 */
export class Postgres extends pulumi.ComponentResource {
  constructor(name: string, args: PostgresArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:postgres:Postgres", name, {}, options);
    const { config } = args;
    const { backup, roleArn: configured } = config.database.cloudNativePg;
    const roleArn = backup.enabled ? (args.roleArn ?? configured) : undefined;
    if (backup.enabled && usesRole(config) && roleArn === undefined) {
      throw new Error(`${name}: the backups on AWS need roleArn, the role that the object store makes`);
    }

    const store = backup.enabled && resource(objectStore(config), { parent: this });
    const manifest = cluster(config);
    if (roleArn) manifest.spec.serviceAccountTemplate = assuming(roleArn);
    const database = resource(manifest, {
      ...clusterOptions(config),
      parent: this,
      dependsOn: store ? [store] : [],
    });
    if (backup.enabled) resource(scheduledBackup(config), { parent: this, dependsOn: [database] });
    if (config.observability.monitors.enabled) resource(databaseMonitor(config), { parent: this });

    this.registerOutputs({ cluster: database.id });
  }
}

/** How EKS hands the pods of a ServiceAccount an IAM role. */
function assuming(roleArn: pulumi.Input<string>) {
  return { metadata: { annotations: { "eks.amazonaws.com/role-arn": roleArn } } };
}

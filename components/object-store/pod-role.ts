import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { type Federation, type PolicyDocument, trustPolicy } from "./policies.ts";

/** What a role of pods is made of. */
export interface PodRoleArgs {
  /** Its name, unique in the account. */
  role: string;
  /** The cluster whose pods it trusts. */
  cluster: Federation;
  /** The pods' namespace. */
  namespace: string;
  /** The pods' ServiceAccounts. */
  serviceAccounts: readonly string[];
  /** All that it may do. */
  access: PolicyDocument;
  tags: Record<string, string>;
}

/** An IAM role that the pods of some ServiceAccounts assume, and nobody else (IRSA). */
export class PodRole extends pulumi.ComponentResource {
  /** For the ServiceAccounts' annotation `eks.amazonaws.com/role-arn`. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: PodRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:objectstore:PodRole", name, {}, options);
    const { cluster, namespace, serviceAccounts } = args;
    const role = new Role(
      name,
      {
        name: args.role,
        // A path of its own, so that the permission to make roles can be narrowed to it.
        path: "/attic/",
        description: `Pods of ${serviceAccounts.map((account) => `${namespace}/${account}`).join(", ")}`,
        assumeRolePolicy: JSON.stringify(trustPolicy(cluster, namespace, serviceAccounts)),
        tags: args.tags,
      },
      { parent: this },
    );
    const policy = new RolePolicy(
      name,
      { name: "access", role: role.name, policy: JSON.stringify(args.access) },
      { parent: this },
    );
    // Whoever has the ARN may rely on what the role allows.
    this.arn = pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}

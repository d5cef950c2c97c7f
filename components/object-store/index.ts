import { Provider } from "@pulumi/aws/provider.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { names, partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";
import { AwsBucket } from "./aws-bucket.ts";
import { PodRole } from "./pod-role.ts";
import { bucketArn, federation } from "./policies.ts";
import { type Store, stores } from "./stores.ts";

/** What an object store is made of. */
export interface ObjectStoreArgs {
  /** The stack's configuration. */
  config: StackConfig;
  /**
   * ServiceAccounts of the pods that write, read and delete NARs.
   * @default ["attic"]
   */
  serviceAccounts?: readonly string[];
  /**
   * ServiceAccounts of the database's pods, which write and read the backups.
   * @default ["attic-pg"]
   */
  databaseServiceAccounts?: readonly string[];
}

/**
 * The buckets of the NARs and of the database's backups, and the roles by which pods reach them. On AWS it makes
 * all of them. At another S3-compatible endpoint it makes the buckets when `createBuckets` says so, and nothing
 * when it does not. Pods that use a bucket depend on this component.
 */
export class ObjectStore extends pulumi.ComponentResource {
  /** The bucket of the NARs. */
  readonly bucket: string;
  /** The bucket of the backups; undefined where the stack backs up no database. */
  readonly backupBucket: string | undefined;
  /** The buckets' region. */
  readonly region: string;
  /** The S3-compatible endpoint; undefined on AWS. */
  readonly endpoint: string | undefined;
  /** The role of Attic's pods; undefined where they have access keys. */
  readonly atticRoleArn: pulumi.Input<string> | undefined;
  /** The role of the database's pods; undefined where they have access keys, or nothing to back up. */
  readonly databaseRoleArn: pulumi.Input<string> | undefined;

  constructor(
    name: string,
    { config, serviceAccounts = [names.api], databaseServiceAccounts = [names.database] }: ObjectStoreArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("attic:objectstore:ObjectStore", name, {}, options);
    const { objectStore, database } = config;
    const { nars, backups } = stores(config);
    this.bucket = nars.bucket;
    this.backupBucket = backups?.bucket;
    this.region = objectStore.region;

    if (objectStore.provider === "aws") {
      const onAws = this.aws(name, config);
      this.atticRoleArn = onAws(nars, serviceAccounts);
      this.databaseRoleArn = backups && onAws(backups, databaseServiceAccounts);
    } else {
      this.endpoint = objectStore.s3.endpoint;
      this.atticRoleArn = objectStore.s3.roleArn;
      this.databaseRoleArn = backups && database.cloudNativePg.roleArn;
      if (objectStore.s3.createBuckets) this.atEndpoint(name, config, backups ? [nars, backups] : [nars]);
    }
    this.registerOutputs({
      bucket: this.bucket,
      backupBucket: this.backupBucket,
      atticRoleArn: this.atticRoleArn,
      databaseRoleArn: this.databaseRoleArn,
    });
  }

  /** On AWS, each store is a bucket with all that S3 has to protect it, and a role; the ARN of the role. */
  private aws(name: string, { namespace, objectStore, deletionProtection: protect }: StackConfig) {
    const { oidcProviderArn = "", kmsKeyArn } = objectStore.aws ?? {};
    const cluster = federation(oidcProviderArn);
    // A role is of use only in the account of the OIDC provider that it trusts. With credentials of another
    // account, say of staging, nothing is made.
    const provider = new Provider(
      name,
      { region: objectStore.region, allowedAccountIds: [cluster.account] },
      { parent: this, protect },
    );
    // Roles are easily made again, but a destroy that is refused at the buckets must not have taken them already.
    const inside = { parent: this, provider, protect };
    return ({ name, bucket, workload, lifecycle, access }: Store, serviceAccounts: readonly string[]) => {
      const address = { arn: bucketArn(cluster.partition, bucket), kmsKeyArn };
      const tags = labels({ name: workload, component: name, partOf });
      new AwsBucket(name, { bucket, address, lifecycle, tags, protect }, inside);
      const role = new PodRole(
        workload,
        // Bucket names are unique in the whole world, so roles named after them are in the account.
        { role: bucket, cluster, namespace, serviceAccounts, access: access(address), tags },
        inside,
      );
      return role.arn;
    };
  }

  /**
   * At an S3-compatible endpoint, each store is a bucket and nothing more. Beyond that these stores differ, and
   * the provider takes them for AWS: setting lifecycle rules on Ceph or MinIO, for one, ends in a timeout, because
   * they do not repeat a header that S3 does. Without rules, versions would pile up for ever, so there are none.
   */
  private atEndpoint(
    name: string,
    { objectStore, deletionProtection: protect }: StackConfig,
    wanted: Store[],
  ) {
    const { endpoint = "", credentials } = objectStore.s3;
    const provider = new Provider(
      name,
      {
        region: objectStore.region,
        endpoints: [{ s3: endpoint }],
        s3UsePathStyle: true,
        // Each of these asks AWS. An account id, moreover, would have tags asked for at another service of AWS.
        skipCredentialsValidation: true,
        skipMetadataApiCheck: true,
        skipRegionValidation: true,
        skipRequestingAccountId: true,
        ...(credentials && {
          accessKey: pulumi.secret(credentials.accessKeyId),
          secretKey: pulumi.secret(credentials.secretAccessKey),
        }),
      },
      { parent: this, protect },
    );
    for (const { name, bucket } of wanted) {
      new Bucket(
        name,
        { bucket, forceDestroy: !protect },
        { parent: this, provider, protect, retainOnDelete: protect },
      );
    }
  }
}

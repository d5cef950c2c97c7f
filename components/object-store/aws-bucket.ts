import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import type { LifecycleRule } from "./lifecycle.ts";
import { type BucketAddress, bucketPolicy } from "./policies.ts";

/** What a bucket on AWS is made of. */
export interface AwsBucketArgs {
  /** Its name, as the configuration gives it. */
  bucket: string;
  /** The same for policies, with its key. */
  address: BucketAddress;
  lifecycle: LifecycleRule[];
  tags: Record<string, string>;
  /**
   * Whether Pulumi refuses to delete the bucket and its settings, and leaves them where they are if it is made to
   * let go of them. When false, they go with everything that is in the bucket.
   */
  protect: boolean;
}

/** A private, encrypted bucket with versions on AWS. */
export class AwsBucket extends pulumi.ComponentResource {
  constructor(name: string, args: AwsBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:objectstore:AwsBucket", name, {}, options);
    const { address, lifecycle, tags, protect } = args;
    // The settings too: Pulumi deletes what depends on a protected resource before it comes to that one and stops,
    // and a bucket that outlives its stack must not become public.
    const own = { parent: this, protect, retainOnDelete: protect };

    const { bucket } = new Bucket(name, { bucket: args.bucket, forceDestroy: !protect, tags }, own);

    // One after the other, because S3 refuses to change a bucket's access in two ways at once. The policy is last:
    // the access block would judge it while it is itself put in place.
    const publicAccess = new BucketPublicAccessBlock(
      name,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      own,
    );
    const ownership = new BucketOwnershipControls(
      name,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      { ...own, dependsOn: publicAccess },
    );
    new BucketPolicy(
      name,
      { bucket, policy: JSON.stringify(bucketPolicy(address)) },
      { ...own, dependsOn: [publicAccess, ownership] },
    );

    new BucketServerSideEncryptionConfiguration(name, { bucket, rules: [encryptionRule(address)] }, own);

    const versioning = new BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      own,
    );
    // Its rules speak of old versions, of which there are none before.
    new BucketLifecycleConfiguration(name, { bucket, rules: lifecycle }, { ...own, dependsOn: versioning });
    this.registerOutputs({ bucket });
  }
}

/**
 * How a bucket encrypts what asks for nothing else. A bucket key spares a request to KMS, and its price, for
 * nearly every object. Keys that a client brings along (SSE-C) are refused: whoever steals write access could
 * lock everything away with one.
 */
function encryptionRule({ kmsKeyArn }: BucketAddress) {
  return {
    applyServerSideEncryptionByDefault: kmsKeyArn
      ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn }
      : { sseAlgorithm: "AES256" },
    bucketKeyEnabled: kmsKeyArn !== undefined,
    blockedEncryptionTypes: ["SSE-C"],
  };
}

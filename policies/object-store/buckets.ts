import { each, type StackProblem, type Undecided } from "../framework/policy.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";

/** The kinds of S3 buckets. */
export const bucketKinds = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"] as const;

/**
 * Judges every bucket on AWS. Those at an S3-compatible endpoint are left out: such stores have few of a bucket's
 * settings, and the provider cannot set them.
 */
export const eachBucket = (
  stack: Stack,
  judge: (bucket: Subject) => Iterable<StackProblem | Undecided>,
): Iterable<StackProblem | Undecided> =>
  each(
    ofKind(stack, ...bucketKinds).filter((bucket) => !atEndpoint(stack, bucket)),
    judge,
  );

/** A setting of a bucket, which is a resource of its own; undefined where the bucket has none. */
export function settingOf(stack: Stack, bucket: Subject, setting: string): Subject | undefined {
  const type = new RegExp(`^aws:s3/${setting}(V2)?:`, "i");
  const settings = stack.resources.filter((resource) => type.test(resource.type));
  return (
    settings.find(({ dependencies }) => dependencies.includes(bucket.urn)) ??
    settings.find(({ properties }) => properties.bucket && properties.bucket === bucket.properties.bucket)
  );
}

/** Whether the provider beside a bucket speaks to an endpoint of its own instead of AWS. */
function atEndpoint({ resources }: Stack, { parent }: Subject): boolean {
  return resources.some(
    (resource) =>
      resource.kind === "pulumi:providers:aws" &&
      resource.parent === parent &&
      "endpoints" in resource.properties,
  );
}

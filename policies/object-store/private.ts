import { stackPolicy } from "../framework/policy.ts";
import { eachBucket, settingOf } from "./buckets.ts";

const SWITCHES = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** A cache's objects are read by presigned addresses; nothing needs a bucket that is open to anybody. */
export const bucketPrivate = stackPolicy({
  name: "bucket-private",
  description: "Buckets refuse public access and access lists, whatever is set later.",
  level: "mandatory",
  *check(stack) {
    yield* eachBucket(stack, function* (bucket) {
      const block = settingOf(stack, bucket, "bucketPublicAccessBlock");
      for (const key of SWITCHES) {
        if (block?.properties[key] === true) continue;
        yield {
          resource: block ?? bucket,
          field: block ? key : "",
          found: block?.properties[key],
          problem: `${key} is not on: the bucket can be opened to everybody`,
          fix: `Make a BucketPublicAccessBlock with ${key}: true.`,
        };
      }
      const owner = settingOf(stack, bucket, "bucketOwnershipControls");
      const { objectOwnership } = (owner?.properties.rule ?? {}) as { objectOwnership?: string };
      if (objectOwnership === "BucketOwnerEnforced") return;
      yield {
        resource: owner ?? bucket,
        field: owner ? "rule.objectOwnership" : "",
        found: objectOwnership,
        problem: "access lists on single objects count",
        fix: "Make BucketOwnershipControls with BucketOwnerEnforced.",
      };
    });
  },
});

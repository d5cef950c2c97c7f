import { stackPolicy } from "../framework/policy.ts";
import { eachBucket, settingOf } from "./buckets.ts";

interface Rule {
  applyServerSideEncryptionByDefault?: { sseAlgorithm?: string };
}

const ALGORITHMS = ["AES256", "aws:kms", "aws:kms:dsse"];

/** Said, and not left to whatever AWS does by itself this year. */
export const bucketEncryption = stackPolicy({
  name: "bucket-encryption",
  description: "Buckets encrypt what they store.",
  level: "mandatory",
  *check(stack) {
    yield* eachBucket(stack, function* (bucket) {
      const setting = settingOf(stack, bucket, "bucketServerSideEncryptionConfiguration");
      const [rule] = (setting?.properties.rules ?? []) as Rule[];
      const algorithm = rule?.applyServerSideEncryptionByDefault?.sseAlgorithm;
      if (algorithm !== undefined && ALGORITHMS.includes(algorithm)) return;
      yield {
        resource: setting ?? bucket,
        field: setting ? "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm" : "",
        found: algorithm,
        problem: "nothing says how objects are encrypted",
        fix: `Make a BucketServerSideEncryptionConfiguration with one of ${ALGORITHMS.join(", ")}.`,
      };
    });
  },
});

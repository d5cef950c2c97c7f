import { stackPolicy } from "../framework/policy.ts";
import { eachBucket, settingOf } from "./buckets.ts";
import { type Statement, statements } from "./documents.ts";

/** An access key, or a whole NAR, that travels in the clear is everybody's. */
export const bucketTlsOnly = stackPolicy({
  name: "bucket-tls-only",
  description: "Buckets refuse everything that does not come by TLS.",
  level: "mandatory",
  *check(stack) {
    yield* eachBucket(stack, function* (bucket) {
      const setting = settingOf(stack, bucket, "bucketPolicy");
      if (statements(setting?.properties.policy)?.some(refusesPlain)) return;
      yield {
        resource: setting ?? bucket,
        field: setting ? "policy" : "",
        problem: "requests by plain HTTP are taken",
        fix: "Deny s3:* on the bucket and its objects to everybody while aws:SecureTransport is false.",
      };
    });
  },
});

function refusesPlain({ allows, principals, actions, resources, conditions, negated }: Statement): boolean {
  return (
    !allows &&
    negated.length === 0 &&
    principals.some(([, id]) => id === "*") &&
    actions.some((action) => action === "s3:*" || action === "*") &&
    resources.some((arn) => arn.endsWith("/*")) &&
    resources.some((arn) => !arn.endsWith("/*")) &&
    Object.keys(conditions).length === 1 &&
    conditions.Bool?.["aws:SecureTransport"]?.join() === "false"
  );
}

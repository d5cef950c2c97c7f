import { stackPolicy } from "../framework/policy.ts";
import { eachBucket, settingOf } from "./buckets.ts";

/** With versions, what a broken collector or an intruder deletes can be brought back. */
export const bucketVersioning = stackPolicy({
  name: "bucket-versioning",
  description: "Buckets keep old versions of what is overwritten or deleted.",
  level: "mandatory",
  *check(stack) {
    yield* eachBucket(stack, function* (bucket) {
      const setting = settingOf(stack, bucket, "bucketVersioning");
      const { status } = (setting?.properties.versioningConfiguration ?? {}) as { status?: string };
      if (status === "Enabled") return;
      yield {
        resource: setting ?? bucket,
        field: setting ? "versioningConfiguration.status" : "",
        found: status,
        problem: "what is deleted is gone for good",
        fix: "Make a BucketVersioning with status Enabled.",
      };
    });
  },
});

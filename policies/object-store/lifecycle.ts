import { each, type StackProblem, stackPolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";
import { eachBucket, settingOf } from "./buckets.ts";

interface Rule {
  status?: string;
  filter?: Record<string, unknown>;
  abortIncompleteMultipartUpload?: { daysAfterInitiation?: number };
  expiration?: { days?: number; date?: string };
  noncurrentVersionExpiration?: { noncurrentDays?: number };
}

/** Attic's database and barman alone know which objects are still needed; S3 does not. */
export const bucketLifecycle = stackPolicy({
  name: "bucket-lifecycle",
  description:
    "Buckets give up unfinished uploads, remove old versions in time, and never expire a current object.",
  level: "mandatory",
  settings: { leastVersionDays: integer(7, "for how many days an old version must be kept at least") },
  *check(stack, { leastVersionDays }) {
    yield* eachBucket(stack, function* (bucket) {
      const setting = settingOf(stack, bucket, "bucketLifecycleConfiguration");
      const resource = setting ?? bucket;
      const rules = (setting?.properties.rules ?? []) as Rule[];
      yield* each<Rule, StackProblem>(rules, function* ({ expiration, noncurrentVersionExpiration }, index) {
        if (expiration?.days !== undefined || expiration?.date !== undefined) {
          yield {
            resource,
            field: `rules[${index}].expiration`,
            found: expiration,
            problem: "objects that are still needed are deleted",
            fix: "Leave it to the garbage collector and to barman; expire old versions only.",
          };
        }
        const kept = noncurrentVersionExpiration?.noncurrentDays;
        if (kept !== undefined && kept < leastVersionDays) {
          yield {
            resource,
            field: `rules[${index}].noncurrentVersionExpiration.noncurrentDays`,
            found: kept,
            problem: `what is deleted by mistake must be there for ${leastVersionDays} days`,
            fix: "Raise attic:objectStore.noncurrentVersionDays.",
          };
        }
      });
      const active = rules.filter(
        ({ status, filter = {} }) => status === "Enabled" && Object.keys(filter).length === 0,
      );
      if (!active.some(({ abortIncompleteMultipartUpload: rule }) => rule?.daysAfterInitiation)) {
        yield {
          resource,
          field: setting ? "rules" : "",
          problem: "parts of uploads that were never finished are paid for, and nobody sees them",
          fix: "Add a rule with abortIncompleteMultipartUpload for the whole bucket.",
        };
      }
      if (!active.some(({ noncurrentVersionExpiration: rule }) => rule?.noncurrentDays)) {
        yield {
          resource,
          field: setting ? "rules" : "",
          problem: "old versions pile up for ever",
          fix: "Add a rule with noncurrentVersionExpiration for the whole bucket.",
        };
      }
    });
  },
});

import { each, type StackProblem, stackPolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";
import { eachBucket, settingOf } from "./buckets.ts";

interface Rule {
  status?: string;
  filter?: Record<string, unknown>;
  abortIncompleteMultipartUpload?: { daysAfterInitiation?: number };
  expiration?: { days?: number; date?: string };
  noncurrentVersionExpiration?: { noncurrentDays?: number };
  transitions?: { storageClass?: string }[];
}

/** Classes whose objects cannot be read before somebody has them restored. */
const ARCHIVES = ["GLACIER", "DEEP_ARCHIVE"];

/** Attic's database and barman alone know which objects are still needed; S3 does not. */
export const bucketLifecycle = stackPolicy({
  name: "bucket-lifecycle",
  description:
    "Buckets give up unfinished uploads, remove old versions in time, and never expire or archive a current object.",
  level: "mandatory",
  settings: { leastVersionDays: integer(7, "for how many days an old version must be kept at least") },
  *check(stack, { leastVersionDays }) {
    yield* eachBucket(stack, function* (bucket) {
      const setting = settingOf(stack, bucket, "bucketLifecycleConfiguration");
      const resource = setting ?? bucket;
      const rules = (setting?.properties.rules ?? []) as Rule[];
      yield* each<Rule, StackProblem>(rules, function* (rule, index) {
        const { expiration, noncurrentVersionExpiration, transitions = [] } = rule;
        if (expiration?.days !== undefined || expiration?.date !== undefined) {
          yield {
            resource,
            field: `rules[${index}].expiration`,
            found: expiration,
            problem: "objects that are still needed are deleted",
            fix: "Leave it to the garbage collector and to barman; expire old versions only.",
          };
        }
        const archive = transitions.find(({ storageClass = "" }) => ARCHIVES.includes(storageClass));
        if (archive) {
          yield {
            resource,
            field: `rules[${index}].transitions`,
            found: archive.storageClass,
            problem: "objects that are still needed cannot be read without hours of restoring",
            fix: "Choose a class that is read at once: STANDARD_IA, INTELLIGENT_TIERING or GLACIER_IR.",
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
      const tiers = settingOf(stack, bucket, "bucketIntelligentTieringConfiguration");
      if (tiers && tiers.properties.status !== "Disabled") {
        yield {
          resource: tiers,
          field: "tierings",
          problem: "objects that nobody reads for a while go to an archive, and cannot be read any more",
          fix: "Leave the configuration out: INTELLIGENT_TIERING without it archives nothing.",
        };
      }
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

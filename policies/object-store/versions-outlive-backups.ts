import { days } from "../database/retention.ts";
import { specOf } from "../framework/kubernetes.ts";
import { type StackProblem, stackPolicy, type Undecided } from "../framework/policy.ts";
import { ofKind } from "../framework/subject.ts";
import { eachBucket, settingOf } from "./buckets.ts";

interface Rule {
  noncurrentVersionExpiration?: { noncurrentDays?: number };
}

/** A database that is restored to an earlier day names objects that were deleted since. */
export const versionsOutliveBackups = stackPolicy({
  name: "versions-outlive-backups",
  description: "Deleted objects can be brought back for as long as the database can be restored.",
  level: "mandatory",
  *check(stack): Generator<StackProblem | Undecided> {
    const retentions = ofKind(stack, "barmancloud.cnpg.io/ObjectStore").map(
      (store) => days(specOf<{ retentionPolicy: string }>(store).retentionPolicy) ?? 0,
    );
    const longest = Math.max(0, ...retentions);
    yield* eachBucket(stack, function* (bucket) {
      const resource = settingOf(stack, bucket, "bucketLifecycleConfiguration");
      for (const [index, rule] of ((resource?.properties.rules ?? []) as Rule[]).entries()) {
        const kept = rule.noncurrentVersionExpiration?.noncurrentDays;
        if (kept === undefined || kept >= longest) continue;
        yield {
          resource,
          field: `rules[${index}].noncurrentVersionExpiration.noncurrentDays`,
          found: kept,
          problem: `the database can be restored to ${longest} days ago, and would name objects that are gone`,
          fix: `Set attic:objectStore.noncurrentVersionDays to ${longest} or more.`,
        };
      }
    });
  },
});

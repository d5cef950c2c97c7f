import type { batch } from "@pulumi/kubernetes/types/output.js";
import { type Partially, specOf } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

/**
 * A Job that never gives up hides its failure, and runs that nobody removes pile up. A Job that Pulumi makes needs no
 * time to live: Pulumi removes it, and would not notice that Kubernetes did.
 */
export const jobLimits = resourcePolicy({
  name: "job-limits",
  description:
    "Jobs give up after some tries and some time; CronJobs overlap with nothing and keep few runs.",
  level: "mandatory",
  kinds: ["batch/Job", "batch/CronJob"],
  *check(subject) {
    if (subject.kind === "batch/Job") {
      const { backoffLimit, activeDeadlineSeconds } = specOf<batch.v1.JobSpec>(subject);
      if (backoffLimit === undefined) yield endless("spec.backoffLimit");
      if (activeDeadlineSeconds === undefined) {
        yield {
          field: "spec.activeDeadlineSeconds",
          problem: "a Job that hangs holds the update up until it times out, and goes on after that",
          fix: "Set how long it may take at most.",
        };
      }
      return;
    }
    const spec = specOf<batch.v1.CronJobSpec>(subject);
    const run: Partially<batch.v1.JobSpec> = spec.jobTemplate?.spec ?? {};
    if (run.backoffLimit === undefined) yield endless("spec.jobTemplate.spec.backoffLimit");
    const kept = spec.successfulJobsHistoryLimit !== undefined && spec.failedJobsHistoryLimit !== undefined;
    if (!kept && run.ttlSecondsAfterFinished === undefined) {
      yield {
        field: "spec.failedJobsHistoryLimit",
        problem: "nothing says how many finished runs are kept",
        fix: "Set successfulJobsHistoryLimit and failedJobsHistoryLimit, or ttlSecondsAfterFinished of its Jobs.",
      };
    }
    if (spec.concurrencyPolicy !== "Forbid" && spec.concurrencyPolicy !== "Replace") {
      yield {
        field: "spec.concurrencyPolicy",
        found: spec.concurrencyPolicy,
        problem: "a run begins while the one before is still going on",
        fix: "Set it to Forbid.",
      };
    }
  },
});

const endless = (field: string) => ({
  field,
  problem: "nothing says how often a failed pod is tried again",
  fix: "Set it; 2 to 6 tries outlast a short outage.",
});

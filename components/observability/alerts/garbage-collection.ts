import { longestGap } from "../../../config/cron.ts";
import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { each, seconds } from "./scope.ts";

const alert = "AtticGarbageCollectionStale";

/**
 * Whether garbage is still collected. A CronJob's runs can be counted. Of a Deployment it can only be seen whether it
 * runs: a run that fails is a line in its log, and nothing else.
 */
export function garbageCollection(config: StackConfig): RuleGroup[] {
  const { runAs } = config.garbageCollection;
  return [
    { name: "attic-garbage-collection", rules: [runAs === "cronJob" ? runs(config) : running(config)] },
  ];
}

function runs({ namespace, garbageCollection }: StackConfig): Alert {
  const { schedule } = garbageCollection;
  const job = { namespace, cronjob: names.collector };
  const ofJob = (metric: "kube_cronjob_status_last_successful_time" | "kube_cronjob_created") =>
    each("namespace, cronjob", series(metric, job));
  // A day, unless the schedule runs less often than that; a run takes its time.
  const stale = Math.max(seconds.day, longestGap(schedule) + 2 * seconds.hour);
  return {
    alert,
    // One that never succeeded counts from when it was made.
    expr: `time() - (${ofJob("kube_cronjob_status_last_successful_time")} or ${ofJob("kube_cronjob_created")}) > ${stale}`,
    for: "15m",
    severity: "warning",
    summary: "No garbage has been collected for {{ $value | humanizeDuration }}",
    description:
      "The CronJob {{ $labels.namespace }}/{{ $labels.cronjob }} has not succeeded for {{ $value | humanizeDuration }}; " +
      `its schedule is "${schedule}". Nothing is removed, and the bucket grows.`,
  };
}

function running({ namespace, garbageCollection }: StackConfig): Alert {
  const available = series("kube_deployment_status_replicas_available", {
    namespace,
    deployment: names.collector,
  });
  return {
    alert,
    expr: `${each("namespace, deployment", available)} == 0`,
    for: "1h",
    severity: "warning",
    summary: "The garbage collector {{ $labels.deployment }} does not run",
    description:
      "The Deployment {{ $labels.namespace }}/{{ $labels.deployment }} has had no running pod for an hour, so nothing is " +
      `removed, and the bucket grows. It collects when it starts, and then every ${garbageCollection.interval}.`,
  };
}

import { Cron, Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { StackConfig } from "../../config/index.ts";
import { labels, selector } from "../kubernetes/labels.ts";
import { type Manifest, manifests } from "../kubernetes/manifest.ts";
import { completePod, containerProps, podProps, type WorkloadSpec } from "../kubernetes/workload.ts";
import { process } from "./process.ts";

/**
 * The garbage collector and its ServiceAccount: one Deployment that collects at every interval, or a CronJob
 * whose failures can be seen. One at a time in either form; two would only delete the same objects twice.
 */
export function collector(config: StackConfig): Manifest[] {
  const { runAs, schedule, resources } = config.garbageCollection;
  const spec: WorkloadSpec = {
    // It scans whole tables.
    ...process(config, "gc", runAs === "cronJob" ? "garbage-collector-once" : "garbage-collector", "30min"),
    resources,
    // A run that is told to end stops at once, and the next one goes on where it was.
    terminationGracePeriodSeconds: 30,
  };
  const metadata = { name: spec.name, labels: labels(spec.identity) };
  const built = manifests(config.namespace, (chart) => {
    if (runAs === "cronJob") {
      const job = new kplus.CronJob(chart, "cron-job", {
        ...podProps(chart, spec),
        metadata,
        schedule: cron(schedule),
        timeZone: "Etc/UTC",
        concurrencyPolicy: kplus.ConcurrencyPolicy.FORBID,
        // A run that the control plane misses by less than this still takes place.
        startingDeadline: Duration.hours(1),
        restartPolicy: kplus.RestartPolicy.NEVER,
        backoffLimit: 2,
        successfulJobsRetained: 3,
        failedJobsRetained: 3,
      });
      job.addContainer(containerProps(chart, spec));
    } else {
      const deployment = new kplus.Deployment(chart, "deployment", {
        ...podProps(chart, spec),
        metadata,
        replicas: 1,
        strategy: kplus.DeploymentStrategy.recreate(),
        select: false,
      });
      deployment.select(kplus.LabelSelector.of({ labels: selector(spec.identity) }));
      deployment.addContainer(containerProps(chart, spec));
    }
  });
  for (const { kind, spec: body } of built) {
    if (kind === "CronJob") completePod(body.jobTemplate.spec.template.spec, spec);
    if (kind === "Deployment") completePod(body.template.spec, spec);
  }
  return built;
}

function cron(schedule: string): Cron {
  const [minute, hour, day, month, weekDay] = schedule.split(" ");
  return new Cron({ minute, hour, day, month, weekDay });
}

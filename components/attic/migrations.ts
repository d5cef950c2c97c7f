import type * as pulumi from "@pulumi/pulumi";
import { Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { StackConfig } from "../../config/index.ts";
import { checksum } from "../kubernetes/checksum.ts";
import { labels } from "../kubernetes/labels.ts";
import { type Manifest, manifests, ofKind } from "../kubernetes/manifest.ts";
import { completePod, containerProps, podProps, type WorkloadSpec } from "../kubernetes/workload.ts";
import { process } from "./process.ts";

/**
 * The Job that brings the database to the schema of the image, and its ServiceAccount. The API and the garbage
 * collector wait for it, since neither migrates.
 *
 * Its name changes with its pod (the image, its labels, the way to the database), so that every image has a Job of its own
 * and no Job is ever changed in place, which Kubernetes refuses. It is also what guards against an image that is
 * older than the database: the server's migrator stops at a migration that it does not know, the Job fails, and
 * the API stays what it was.
 */
export function migrations(config: StackConfig): Manifest[] {
  const spec: WorkloadSpec = {
    // An index over a large table takes longer than any other statement may.
    ...process(config, "migrations", "db-migrations", "0"),
    resources: config.garbageCollection.resources,
    // As process 1 it ignores the order to end, and it runs in one transaction: nothing is lost by ending it.
    terminationGracePeriodSeconds: 5,
  };
  const built = manifests(config.namespace, (chart) => {
    const job = new kplus.Job(chart, "job", {
      ...podProps(chart, spec),
      metadata: { name: spec.name, labels: labels(spec.identity) },
      restartPolicy: kplus.RestartPolicy.NEVER,
      // Kubernetes waits 10, 20, 40 and 80 s between tries: as long as the database takes to fail over, also when a node is
      // lost (docs/database.md), and no longer, since somebody waits for what a migration that cannot succeed has to say.
      backoffLimit: 4,
      activeDeadline: Duration.minutes(15),
    });
    job.addContainer(containerProps(chart, spec));
  });
  const job = ofKind("Job", built);
  completePod(job.spec.template.spec, spec);
  // Two at the same time on an empty database fail each other.
  job.spec.podReplacementPolicy = "Failed";
  job.metadata.name = `${spec.name}-${checksum(job.spec.template).slice(0, 8)}`;
  return built;
}

/** How Pulumi treats the Job. */
export const migrationsOptions = {
  // The old Job goes first: the image of before has a Job of the same name again, should the new one fail.
  deleteBeforeReplace: true,
  // What made it fail is often put right outside of it (a password, the database, a policy), and leaves it the same Job:
  // Pulumi would look at the failed one for ever. `#initerror` is the engine's word for what its last update left unready.
  replaceOnChanges: ["#initerror"],
  // Longer than the Job's own deadline: one that still runs when Pulumi gives up would be ended by the next update.
  customTimeouts: { create: "20m" },
} satisfies pulumi.CustomResourceOptions;

import { CLUSTER, clusterOf } from "../database/cluster.ts";
import type { Subject } from "../framework/subject.ts";
import type { PlanProblem } from "../plan.ts";
import { processes } from "../upgrades/processes.ts";
import { both, type Operation } from "./operation.ts";

/** PostgreSQL's major version in an image; undefined where the image does not say it. */
function major(subject: Subject): number | undefined {
  const [, version] = /:(\d+)(?:\.\d+)?[\w.-]*(?:@|$)/.exec(clusterOf(subject).imageName ?? "") ?? [];
  return version === undefined ? undefined : Number(version);
}

/** The name that a database has in its archive. */
function serverName(subject: Subject): string | undefined {
  const [archiver] = (clusterOf(subject).plugins ?? []).filter(({ isWALArchiver }) => isWALArchiver);
  return (archiver?.parameters as Record<string, string> | undefined)?.serverName ?? "";
}

/** Refuses to go to an older PostgreSQL, or to a newer one that writes over the logs of the older. */
export function* databaseVersion(operations: readonly Operation[]): Generator<PlanProblem> {
  for (const operation of operations.filter(({ after }) => after?.kind === CLUSTER)) {
    const [was, is] = both(operation, major) ?? [0, 0];
    const [old, name] = both(operation, serverName) ?? [];
    const at = { operation, field: "spec.imageName", found: `${was} to ${is}` };
    if (is < was) {
      yield {
        ...at,
        problem: "an older major version cannot read the data",
        fix: "Restore a backup from before the upgrade instead: docs/backups.md.",
      };
    } else if (is > was && old !== undefined && old === name) {
      yield {
        ...at,
        problem: "the new version writes over the logs of the old one, whose backups are worth nothing then",
        fix: "Give attic:database.cloudNativePg.backup.serverName a new name in the same update.",
      };
    }
  }
}

/** Refuses a new image of the server that does not come with a Job of its own to migrate the database. */
export function* migratedImages(operations: readonly Operation[]): Generator<PlanProblem> {
  const jobs = processes({
    resources: operations.flatMap(({ after }) => (after?.kind === "batch/Job" ? after : [])),
  });
  const migrated = jobs.found.filter(({ mode }) => mode === "db-migrations").map(({ image }) => image);
  for (const operation of operations) {
    const images = both(operation, imagesOf);
    if (!images) continue;
    const [before, after] = images;
    const fresh = after.filter((image) => !before.includes(image));
    const isJob = operation.after?.kind === "batch/Job";
    if (isJob && operation.op === "update" && fresh.length > 0) {
      yield {
        operation,
        field: "spec.template.spec.containers",
        found: fresh,
        problem: "the Job would be changed in place, which Kubernetes refuses",
        fix: "Give the Job of every image a name of its own.",
      };
    }
    // A Job that is not known yet may be the one that migrates.
    for (const image of isJob || jobs.open.length > 0 ? [] : fresh) {
      if (migrated.includes(image)) continue;
      yield {
        operation,
        field: "spec.template.spec.containers",
        found: image,
        problem: "no Job of this update brings the database to its schema",
        fix: "Change attic:image, which the migrations follow, instead of one workload's image.",
      };
    }
  }
}

const imagesOf = (subject: Subject) => processes({ resources: [subject] }).found.map(({ image }) => image);

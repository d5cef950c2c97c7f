import { names } from "../../../components/attic/names.ts";
import type { Rollout, Scheduled } from "../snapshot.ts";
import { type Check, failed, judged, passed, runbook, type Verdict, without } from "./check.ts";

/** Whether the API, the garbage collector and the migrations are what is declared, complete. */
export const workloadChecks: readonly Check[] = [
  {
    id: "api-rollout",
    area: "api",
    title: "the API's rollout is complete",
    see: runbook("AtticRolloutStuck"),
    expected: ({ config }) =>
      `at least ${config.api.scaling.minReplicas} pods, all of them new and ready, and no old one`,
    judge: ({ snapshot, config }) =>
      judged(snapshot.api, (rollout) => complete(rollout, config.api.scaling.minReplicas)),
  },
  {
    id: "api-image",
    area: "api",
    title: "the API runs the declared image",
    see: "docs/upgrades.md",
    expected: ({ config }) => config.image,
    judge: ({ snapshot, config }) => judged(snapshot.api, ({ image }) => same(image, config.image)),
  },
  {
    id: "collector-rollout",
    area: "collector",
    title: "the garbage collector runs",
    see: runbook("AtticGarbageCollectionStale"),
    expected: ({ config }) =>
      config.garbageCollection.runAs === "cronJob"
        ? "a CronJob that is not suspended"
        : "1 pod, new and ready, and no old one",
    judge: ({ snapshot }) => judged(snapshot.collector, collecting),
  },
  {
    id: "collector-image",
    area: "collector",
    title: "the garbage collector runs the declared image",
    see: "docs/upgrades.md",
    // One cause, one failure: collector-rollout tells of it.
    skip: ({ snapshot }) => without(snapshot.collector?.is === "missing", "there is no garbage collector"),
    expected: ({ config }) => config.image,
    judge: ({ snapshot, config }) => judged(snapshot.collector, ({ image }) => same(image, config.image)),
  },
  {
    id: "migrations",
    area: "migrations",
    title: "the database was migrated for the declared image",
    see: runbook("AtticMigrationFailed"),
    expected: () => `the Job ${names.migrations}-… of the declared image has succeeded`,
    judge: ({ snapshot, config }) =>
      judged(snapshot.migrations, ({ name, state, why, image }) => {
        if (image !== config.image) return failed(`${name} ran ${image}`);
        if (state === "succeeded") return passed(`${name} has succeeded`);
        return failed(state === "failed" ? `${name} has failed: ${why}` : `${name} has not ended yet`);
      }),
  },
];

/**
 * Whether every pod is of the newest description and ready.
 * @param least pods there must be
 */
export function complete(rollout: Rollout, least: number): Verdict {
  const { observed, desired, updated, ready, total, trouble } = rollout;
  const behind = [
    ...(observed ? [] : ["the newest description is not taken up yet"]),
    ...(desired < least ? [`${desired} wanted`] : []),
    ...(updated < desired ? [`${updated} of ${desired} updated`] : []),
    ...(total > updated ? [`${total - updated} old still there`] : []),
    ...(ready < desired ? [`${ready} of ${desired} ready`] : []),
  ];
  if (behind.length === 0) return passed(`${ready} of ${desired} ready, all of them new`);
  return failed([behind.join(", "), ...shortened(trouble)].join("; "));
}

/** Ten pods that fail for one reason say so once or twice. */
function shortened(trouble: string[]): string[] {
  const most = 2;
  const more = trouble.length - most;
  return more > 0 ? [...trouble.slice(0, most), `and ${more} more`] : trouble;
}

function collecting(collector: Rollout | Scheduled): Verdict {
  if (collector.kind === "Deployment") return complete(collector, 1);
  return collector.suspended
    ? failed("it is suspended")
    : passed(`it runs by the schedule "${collector.schedule}"`);
}

const same = (image: string, declared: string): Verdict => ({ ok: image === declared, found: image });

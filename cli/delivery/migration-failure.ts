import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { names } from "../../components/attic/names.ts";
import { nameOf, typeOf } from "../../embedded/engine/events.ts";
import type { Cluster, KubeObject } from "../cluster/index.ts";
import { ClusterError } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** What the server's migrator says of a database that is newer than its image. */
const newerDatabase = /applied but its file is missing/i;

/** When a migration dropped columns that every older version writes. */
export const boundary = new Date("2026-06-24T00:00:00Z");

/** Whether the processes that serve are as they were: what else an update did before it failed changes no version. */
export function servesAsBefore(events: readonly EngineEvent[]): boolean {
  return !events.some(({ resourcePreEvent, resOpFailedEvent, resOutputsEvent }) => {
    // A rollout that fails, or is waited for when the engine is ended, has changed its object long before.
    const step = (resourcePreEvent ?? resOpFailedEvent ?? resOutputsEvent)?.metadata;
    if (!step || ["same", "read", "refresh"].includes(step.op)) return false;
    const { urn } = step;
    const serving: string[] = [names.api, names.collector];
    return /:(Deployment|CronJob)$/.test(typeOf(urn)) && serving.includes(nameOf(urn));
  });
}

/** Whether the Job that migrates the database was among what failed. */
export const migrationsFailed = (events: readonly EngineEvent[]) =>
  events.some(
    ({ resOpFailedEvent }) => resOpFailedEvent && nameOf(resOpFailedEvent.metadata.urn) === names.migrations,
  );

/**
 * Whether the migrator refused because the database has a migration that it does not know: by the engine's words, else
 * by what the Job's pods say.
 */
export async function refusedByDatabase(message: string, open: () => Promise<Cluster>): Promise<boolean> {
  if (newerDatabase.test(message)) return true;
  let cluster: Cluster | undefined;
  try {
    cluster = await open();
    const labels = `app.kubernetes.io/name=${names.migrations}`;
    const pods = await cluster.list<MigratorPod>({ apiVersion: "v1", kind: "Pod" }, { labels });
    for (const pod of pods) {
      if (terminated(pod).some((said) => newerDatabase.test(said))) return true;
      if (newerDatabase.test(await cluster.logs(pod.metadata.name, { tail: 50 }).catch(() => "")))
        return true;
    }
    return false;
  } catch (error) {
    // The failure is told as the engine told it.
    if (error instanceof ClusterError) return false;
    throw error;
  } finally {
    cluster?.close();
  }
}

type ContainerState = { terminated?: { message?: string } };
type MigratorPod = KubeObject<
  Record<string, unknown>,
  { containerStatuses?: { state?: ContainerState; lastState?: ContainerState }[] }
>;

const terminated = ({ status }: MigratorPod) =>
  (status?.containerStatuses ?? []).flatMap(({ state, lastState }) =>
    [state, lastState].flatMap((each) => each?.terminated?.message ?? []),
  );

/** That an image is older than the database, and what to do instead. */
export const olderThanDatabase = (image: string, stack: string, cause: unknown) =>
  new CliError(
    EXIT.failed,
    `${image} is older than the database of stack ${stack}: the database has a migration that it does not know, so its migrations Job failed`,
    `API and garbage collector run what they ran. \`atticctl deploy\` puts the failed Job right.
Back to that version leads only a restore of the database to a time before the upgrade, which loses what was pushed
since: atticctl db restore --to TIME (docs/upgrades.md). Or go forward: repair what made you want to go back.`,
    { cause },
  );

/** An update's failure, with where to look and the way back when its migrations failed and what serves was left alone. */
export function afterMigrations(
  error: unknown,
  events: readonly EngineEvent[],
  image: string,
  stack: string,
): unknown {
  if (!(error instanceof CliError) || !migrationsFailed(events) || !servesAsBefore(events)) return error;
  const hint = `the migrations of ${image} failed; API and garbage collector run what they ran. What to look at says
docs/runbooks/AtticMigrationFailed.md. Then deploy again, or go back: atticctl rollback --stack ${stack} --image IMAGE`;
  return new CliError(error.exitCode, error.message, [hint, error.hint].filter(Boolean).join("\n"), {
    cause: error.cause,
  });
}

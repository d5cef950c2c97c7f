import { type Cluster, ClusterError } from "../../cluster/index.ts";
import { until } from "../../cluster/until.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { World } from "../../world.ts";
import { type Census, census, censusWords } from "../census.ts";
import { sendLastLogs } from "../last-logs.ts";
import { isReady, type Live, refs } from "../objects.ts";
import { primaryOf } from "../psql.ts";
import { archiveSecrets } from "./archive-access.ts";
import { whyNotReady } from "./diagnosis.ts";
import { type DrillPlan, scratchObjects } from "./scratch.ts";

/** What a drill brought to light. */
export interface Drilled {
  database: Live;
  restored: Census;
  /** The live database as of the target, when the drill began; undefined when it could not be counted. */
  live: Census | undefined;
}

/** How a drill is run. */
export interface DrillOptions {
  world: Pick<World, "elapsed" | "sleep">;
  cluster: Cluster;
  plan: DrillPlan;
  /** How long the recovery may take, in milliseconds. */
  timeout: number;
  say(line: string): void;
}

/**
 * Restores the archive into the plan's namespace, which is there and empty, and counts what came back. It removes
 * nothing.
 * @throws CliError of `EXIT.refused` when the archive becomes no database in time, or none that can be counted
 * @throws CliError when something else is in the way
 */
export async function runDrill({ world, cluster, plan, timeout, say }: DrillOptions): Promise<Drilled> {
  const primary = await primaryOf(cluster);
  const live = await liveCensus(cluster, plan, primary, say);
  if (primary && plan.target.kind === "time") await archived(world, cluster, primary, say);
  for (const secret of await archiveSecrets(cluster, plan)) await cluster.create(secret);
  for (const manifest of scratchObjects(plan)) await cluster.create(manifest);
  say(`${refs.cluster.name} recovers from ${plan.from}; this takes as long as a restore would`);

  const ref = { ...refs.cluster, namespace: plan.namespace };
  let phase = "";
  const { seen, done } = await until(
    world,
    async () => {
      const database = await cluster.get<Live>(ref);
      const now: string = database.status?.phase ?? "not seen by the operator yet";
      if (now !== phase) say(`${refs.cluster.name}: ${now}`);
      phase = now;
      return database;
    },
    (database) => isReady(database) || /unrecoverable/i.test(database.status?.phase ?? ""),
    { timeout, interval: 5_000 },
  );
  if (!done || !isReady(seen)) {
    throw new CliError(
      EXIT.refused,
      `the archive of ${plan.from} did not become a database: ${phase}`,
      (await whyNotReady(cluster, plan.namespace)).join("\n"),
    );
  }
  const pod = await primaryOf(cluster, plan.namespace);
  if (!pod) throw new CliError(EXIT.refused, "the restored database is called ready, but has no primary");
  const session = { pod, namespace: plan.namespace, database: plan.config.database.name };
  const restored = await census(cluster, session).catch((error: unknown) => {
    if (!saidByPostgres(error)) throw error;
    throw new CliError(EXIT.refused, `the restored database cannot be counted: ${error.message}`, error.hint);
  });
  say(`restored: ${censusWords(restored)}`);
  return { database: seen, restored, live };
}

/** The live database as of the target. That it cannot be counted is no reason not to drill, rather one to. */
async function liveCensus(
  cluster: Cluster,
  { config, target }: DrillPlan,
  pod: string | undefined,
  say: (line: string) => void,
): Promise<Census | undefined> {
  if (!pod) {
    say("the live database has no primary that answers: nothing can be compared with it");
    return undefined;
  }
  const session = { pod, namespace: cluster.namespace, database: config.database.name };
  try {
    const live = await census(cluster, session, target.kind === "time" ? target.time : undefined);
    say(`live: ${censusWords(live)}`);
    return live;
  } catch (error) {
    if (!saidByPostgres(error)) throw error;
    say(`! the live database cannot be counted: ${error.message}; nothing can be compared with it`);
    return undefined;
  }
}

/** Whether it is PostgreSQL that fails, or hangs, and not the way to it. */
const saidByPostgres = (error: unknown): error is CliError =>
  error instanceof CliError && (!(error instanceof ClusterError) || error.problem === "unanswered");

/**
 * Has the archive reach up to now. A moment of the last minutes is in no log that was sent yet: without this, recovery to
 * it fails until the next one is. Where archiving fails the target may be older, and the drill tells.
 */
async function archived(
  world: DrillOptions["world"],
  cluster: Cluster,
  pod: string,
  say: (line: string) => void,
): Promise<void> {
  try {
    const log = await sendLastLogs(world, cluster, { pod, namespace: cluster.namespace });
    say(`the archive has everything up to now: ${log} is its last log`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    say(`! ${error.message}; going on with what is in the archive`);
  }
}

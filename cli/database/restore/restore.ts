import { basename } from "node:path";
import { Steps } from "../../../embedded/local/terminal/steps.ts";
import type { Call } from "../../cli.ts";
import { type Cluster, openCluster } from "../../cluster/index.ts";
import { assertNotFrozen, type Override } from "../../delivery/freeze.ts";
import { updateMessage } from "../../delivery/message.ts";
import { type Asked, operate } from "../../delivery/operate.ts";
import { sourceOf } from "../../delivery/source.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { OpenedStack } from "../../stack.ts";
import { rootMoments } from "../../tokens/targets.ts";
import { archiveOf } from "../archive.ts";
import { type Live, refs } from "../objects.ts";
import { requireBackups } from "../require.ts";
import { obstacle, type Target, type TargetOptions, targetOf, targetWords } from "../target.ts";
import { beginning } from "./beginning.ts";
import { Confirmation } from "./confirm.ts";
import { type Situation, situationOf } from "./situation.ts";
import { editLines, fileEdit } from "./stack-file.ts";
import type { Step, Undertaken } from "./step.ts";
import { stepsAfter } from "./steps-after.ts";
import { stepsBefore } from "./steps-before.ts";
import { collectorPatterns, collectorUrn, restoredUrns } from "./targets.ts";
import { Writers } from "./writers.ts";

/** What a restore is told on the command line. */
export interface RestoreCommand extends TargetOptions {
  from?: string;
  serverName?: string;
  dryRun?: boolean;
  yes?: boolean;
  unchecked?: boolean;
  withoutLastLogs?: boolean;
  startGc?: boolean;
  overrideFreeze?: string;
}

/** Restores the database, one step after the other; what is done already is left out. */
export async function restore(call: Call<RestoreCommand>): Promise<void> {
  const { world, options, say } = call;
  const target = targetOf(options);
  const override = options.dryRun ? undefined : assertNotFrozen(world, "rollback", options.overrideFreeze);
  const stack = await call.open();
  requireBackups(stack);
  const confirmation = options.dryRun ? undefined : new Confirmation(call);
  const cluster = await openCluster(world, stack);
  try {
    const situation = await look(call, stack, cluster, target);
    const { entry } = situation;
    const edit = fileEdit(stack, entry);
    const up = (title: string, scope: Scope) => bringUp(call, stack, situation, override, title, scope);
    const undertaken: Undertaken = {
      world,
      writers: new Writers(world, cluster, stack.config),
      cluster,
      stack,
      entry,
      edit,
      beginning: beginning(target, await archiveOf(cluster, entry.from), world.now),
      withoutLastLogs: options.withoutLastLogs ?? false,
      startCollector: options.startGc ?? false,
      bringUp: async () => up("bring up the restored database", await scope(cluster, stack)),
      bringUpCollector: async () => up("bring up the garbage collector", await collectorAlone(stack)),
      say: (line) => say.print(`  ${line}`),
    };
    const steps = [...stepsBefore(undertaken), ...stepsAfter(undertaken)];
    say.print(...opening(stack, cluster, situation, target), ...(await editLines(stack, edit)));
    const outcomes = confirmation ? await carryOut(call, steps, confirmation) : await planned(call, steps);
    const closing = options.dryRun ? [] : await closingLines(undertaken);
    call.print(
      { dryRun: options.dryRun ?? false, file: stack.file, restore: entry, steps: outcomes },
      () => closing,
    );
  } finally {
    confirmation?.close();
    cluster.close();
  }
}

/**
 * What there is, and what follows from it.
 * @throws CliError when the target cannot be restored
 */
async function look(
  { world, options, say }: Call<RestoreCommand>,
  { config }: OpenedStack,
  cluster: Cluster,
  target: Target,
): Promise<Situation> {
  const [live, store] = await Promise.all([cluster.find<Live>(refs.cluster), cluster.find<Live>(refs.store)]);
  const { from, serverName } = options;
  const situation = situationOf({
    config,
    cluster: live,
    store,
    target,
    ...(from && { from }),
    ...(serverName && { serverName }),
  });
  if (situation.restored) return situation;
  const why = obstacle(target, await archiveOf(cluster, situation.entry.from), world.now);
  if (!why) return situation;
  if (!options.unchecked) {
    throw new CliError(
      EXIT.refused,
      `${why}; nothing was changed`,
      "where the plugin's own account was lost with the cluster and you know better, give --unchecked",
    );
  }
  say.print(`! ${why}; going on, as you said`);
  return situation;
}

/** What of the stack is brought up; the rest stays as it is. */
type Scope = Pick<Asked, "targets" | "except">;

/**
 * The database and its migration alone; in a cluster that was made anew, everything but the garbage collector. It would
 * collect as soon as it starts, and be stopped too late.
 */
async function scope(cluster: Cluster, stack: OpenedStack): Promise<Scope> {
  const [store, api] = await Promise.all([cluster.find(refs.store), cluster.find(refs.api)]);
  // Where one of them is missing, the update that made the stack did not come to its end.
  const targets = store && api ? restoredUrns(await (await stack.deployment()).resources()) : undefined;
  return targets ? { targets } : { except: collectorPatterns() };
}

/** @throws CliError when the state does not tell where it belongs */
async function collectorAlone(stack: OpenedStack): Promise<Scope> {
  const resources = await (await stack.deployment()).resources();
  const urn = collectorUrn(resources, stack.config.garbageCollection.runAs);
  if (urn) return { targets: [urn] };
  throw new CliError(
    EXIT.failed,
    "there is no garbage collector, and the stack's state does not tell where it belongs",
    `atticctl --stack ${stack.name} deploy --refresh`,
  );
}

/** Has Pulumi look what is there, and make what is missing of it. */
async function bringUp(
  call: Call<RestoreCommand>,
  stack: OpenedStack,
  { entry }: Situation,
  override: Override | undefined,
  title: string,
  scope: Scope,
): Promise<void> {
  const { world, say } = call;
  const source = sourceOf(stack.folder, stack.file, world.env);
  const what = `restore the database from ${entry.from} as ${entry.serverName}`;
  await operate(call, stack, new Steps(say, 1), title, {
    action: "up",
    now: world.now,
    refresh: true,
    // The refresh takes the Job that went with the old database out of the state, and what waited for it is left as it
    // is: the policies would refuse a stack that does not wait for its migrations. They judged the file, and judge the
    // next update.
    policies: false,
    message: updateMessage({ what, source, env: world.env, ...(override && { override }) }),
    ...scope,
    ...(scope.targets && { targets: [...scope.targets, ...rootMoments(stack.config)] }),
  });
}

/** A step, and what became of it. */
interface StepOutcome {
  id: string;
  title: string;
  outcome: "done before" | "done" | "planned";
  said: string;
}

/** Shows the steps, and does none. */
async function planned(
  { out, options }: Call<RestoreCommand>,
  steps: readonly Step[],
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const [index, step] of steps.entries()) {
    const before = await step.done();
    const lines = before ? [`   done: ${before}`] : explained(step);
    if (!options.json) out.print(`${index + 1}. ${step.title}`, ...lines);
    outcomes.push({
      id: step.id,
      title: step.title,
      outcome: before ? "done before" : "planned",
      said: before ?? step.what.join(" "),
    });
  }
  return outcomes;
}

async function carryOut(
  { say }: Call<RestoreCommand>,
  steps: readonly Step[],
  confirmation: Confirmation,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const [index, step] of steps.entries()) {
    const { id, title } = step;
    say.print(`[${index + 1}/${steps.length}] ${title}`);
    const before = await step.done();
    if (!before) {
      say.print(...explained(step));
      if (!step.harmless) await confirmation.ask(step);
    }
    const said = before ?? (await step.run());
    say.print(`   ${before ? "done before" : "done"}: ${said}`);
    outcomes.push({ id, title, outcome: before ? "done before" : "done", said });
  }
  return outcomes;
}

const explained = ({ what, time }: Step) => [...what.map((line) => `   ${line}`), `   Takes: ${time}.`];

function opening(
  { name }: OpenedStack,
  { context, namespace }: Cluster,
  { entry, prepared, restored }: Situation,
  target: Target,
): string[] {
  const how = restored
    ? "It is restored already; what is left is done."
    : prepared
      ? "The file has it already; this goes on from where it is."
      : "";
  return [
    `Restore of ${name} (context ${context}, namespace ${namespace}): ${entry.from} to ${targetWords(target)}, as ${entry.serverName}. ${how}`.trim(),
  ];
}

async function closingLines({ stack: { file, name }, entry, writers }: Undertaken): Promise<string[]> {
  const off = await writers.collectorStopped();
  return [
    `The database is restored from ${entry.from}, and archives as ${entry.serverName}.`,
    `Commit ${basename(file)}, so that it says where the database came from.`,
    ...(off
      ? [
          "The garbage collector is off. Push and pull something, bring back what it deleted since (docs/object-store.md),",
          "and run this again with --start-gc. Before that an update of the stack starts it, or is refused over its .spec.replicas.",
        ]
      : []),
    `Verify: atticctl --stack ${name} verify${off ? ' --skip "collector-rollout=off after the restore"' : ""}`,
  ];
}

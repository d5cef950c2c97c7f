import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { serverName } from "../../../components/postgres/bootstrap.ts";
import { onInterrupt } from "../../../embedded/local/interrupts.ts";
import type { Call } from "../../cli.ts";
import { type Cluster, openCluster } from "../../cluster/index.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { parseDuration } from "../../time.ts";
import { archiveOf } from "../archive.ts";
import { type Live, refs } from "../objects.ts";
import { requireBackups } from "../require.ts";
import { archivesAs } from "../server-names.ts";
import { obstacle, type Target, targetOf } from "../target.ts";
import { drillRole } from "./archive-access.ts";
import { assertNoDrill, removeDrill } from "./clean-up.ts";
import { drillRoleDocuments } from "./iam.ts";
import { type DrillReport, drillReport, type Outcome, reportLines } from "./report.ts";
import { runDrill } from "./run.ts";
import { type DrillPlan, drillNamespace, scratchNamespace } from "./scratch.ts";

/** What a drill is told on the command line. */
export interface DrillCommand {
  to?: string;
  from?: string;
  keep?: boolean;
  report?: string;
  timeout: string;
  printIam?: boolean;
}

/**
 * Drills: restores the archive on the side, checks it, and takes it away again.
 * @returns the exit code
 */
export async function drill(call: Call<DrillCommand>): Promise<number> {
  const { world, options } = call;
  const target: Target = options.to === undefined ? { kind: "latest" } : targetOf({ to: options.to });
  const timeout = parseDuration(options.timeout) * 1000;
  const stack = await call.open();
  requireBackups(stack);
  if (options.printIam) {
    call.out.print(JSON.stringify(drillRoleDocuments(stack.config), null, 2));
    return EXIT.done;
  }
  const roleArn = drillRole(stack.config);
  const cluster = await openCluster(world, stack);
  try {
    const plan: DrillPlan = {
      config: stack.config,
      namespace: drillNamespace(stack.config, world.now),
      from: options.from ?? archivesAs(await cluster.find<Live>(refs.cluster)) ?? serverName(stack.config),
      target,
      roleArn,
      owner: ownerOf(world.env),
      expires: new Date(world.now.getTime() + timeout + 3_600_000),
    };
    await assertNoDrill(cluster, plan.namespace);
    const outcome = await attempt(call, cluster, plan, timeout);
    return tell(call, drillReport(stack.name, plan, outcome), outcome);
  } finally {
    cluster.close();
  }
}

/** Drills, and removes what that made, however it ended. Whatever fails is told in what it returns. */
async function attempt(
  call: Call<DrillCommand>,
  cluster: Cluster,
  plan: DrillPlan,
  timeout: number,
): Promise<Outcome> {
  const { world, options, say } = call;
  const line = (text: string) => say.print(text);
  const interrupt = onInterrupt(line);
  const outcome: Outcome = { removed: true };
  try {
    try {
      const why = obstacle(plan.target, await archiveOf(cluster, plan.from), world.now);
      if (why) throw new CliError(EXIT.refused, why, "docs/backups.md");
      outcome.namespace = await cluster.create<Live>(scratchNamespace(plan));
      line(`namespace ${plan.namespace} is made`);
      outcome.drilled = await interrupt.orStop(runDrill({ world, cluster, plan, timeout, say: line }));
    } catch (error) {
      outcome.error = error;
    }
    if (interrupt.requested()) outcome.error = new CliError(EXIT.interrupted, "interrupted");
    if (!outcome.namespace) return outcome;
    if (options.keep) return { ...outcome, removed: false };
    line(`removing namespace ${plan.namespace}`);
    return await removeDrill(world, cluster, plan.namespace).then(
      () => outcome,
      (notRemoved: unknown) => ({ ...outcome, removed: false, notRemoved }),
    );
  } finally {
    interrupt.release();
  }
}

/** Says what was found. @returns the exit code */
function tell(call: Call<DrillCommand>, report: DrillReport, { error, notRemoved }: Outcome): number {
  const { world, options, say } = call;
  if (options.report) {
    const file = resolve(world.cwd, options.report);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  call.print(report, () => reportLines(report));
  for (const each of [error, notRemoved]) {
    if (each === undefined) continue;
    if (!(each instanceof CliError)) throw each;
    if (each.hint) say.print(each.hint);
  }
  if (notRemoved instanceof CliError) throw notRemoved;
  // What keeps a drill from its end, such as a right that is missing, says nothing about the archive.
  if (error instanceof CliError) return error.exitCode;
  return report.passed ? EXIT.done : EXIT.refused;
}

/** Who drills: the job in a pipeline, else the person. */
const ownerOf = ({ CI_JOB_URL, GITLAB_USER_LOGIN, USER }: NodeJS.ProcessEnv) =>
  CI_JOB_URL ?? GITLAB_USER_LOGIN ?? USER ?? "unknown";

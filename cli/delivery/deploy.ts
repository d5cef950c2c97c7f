import { resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { changesText } from "../../embedded/local/terminal/changes.ts";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { assertNotFrozen } from "./freeze.ts";
import { updateMessage } from "./message.ts";
import { afterMigrations } from "./migration-failure.ts";
import { assertClean, reachCluster } from "./preflight.ts";
import { type DeploymentRecord, recordOf } from "./record.ts";
import { sourceOf } from "./source.ts";
import { assertFits, planFiles, planFolder, readPlan, shortName, writePlanFile } from "./stored-plan.ts";
import { update } from "./update.ts";
import { verified } from "./verified.ts";

/** What `deploy` is told. */
export interface DeployOptions {
  plan?: string;
  refresh?: boolean;
  yes?: boolean;
  verify: boolean;
  message?: string;
  allowDirty?: boolean;
  overrideFreeze?: string;
}

/** `deploy`: brings the stack up and writes down what was done. Exit code 4 when a check says no. */
export async function deploy(call: Call<DeployOptions>): Promise<number> {
  const { world, options, say } = call;
  assertNotFrozen(world, "deploy", options.overrideFreeze);
  if (options.plan !== undefined && options.refresh) {
    throw new CliError(
      EXIT.usage,
      "give --plan or --refresh, and not both",
      "preview --refresh makes such a plan",
    );
  }
  const stack = await call.open();
  const name = shortName(stack);
  const source = sourceOf(stack.folder, stack.file, world.env);
  const stored = options.plan === undefined ? undefined : storedIn(resolve(world.cwd, options.plan));
  if (stored) assertFits(stored.plan, name, source, world.now);
  assertClean(stack, source, options);
  await reachCluster(call, stack);
  const now = stored ? new Date(stored.plan.now) : world.now;
  const message = updateMessage({ what: "deploy", source, env: world.env, text: options.message });
  const events: EngineEvent[] = [];
  const { planned, result } = await update(call, new Steps(say, 2), {
    stack,
    now,
    message,
    what: `deploy ${name}`,
    stored,
    refresh: stored ? stored.plan.refresh : options.refresh,
    onEvent: (_, event) => events.push(event),
  }).catch((error: unknown) => {
    throw afterMigrations(error, events, stack.config.image, name);
  });
  const folder = planFolder(world, stack, options.plan);
  const record: DeploymentRecord = recordOf({
    command: "deploy",
    stack: name,
    source,
    now,
    message,
    planned,
    result,
  });
  writePlanFile(folder, planFiles.deployed, record);
  const verification = options.verify ? await verified(call) : undefined;
  const done = { ...record, verified: verification ?? null };
  writePlanFile(folder, planFiles.deployed, done);
  call.print(done, () => [`stack ${name}: ${changesText(result.changes)}`]);
  return verification === false ? EXIT.refused : EXIT.done;
}

const storedIn = (folder: string) => ({ folder, plan: readPlan(folder) });

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { RunResult } from "../../embedded/engine/engine.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import type { Steps } from "../../embedded/local/terminal/steps.ts";
import { stepsOf } from "../../review/steps.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { changeLines, changesNothing } from "./changes.ts";
import { confirmChange, nothingDone } from "./confirm.ts";
import { operate } from "./operate.ts";
import { makePlan, type Planned } from "./planned.ts";
import { noLongerFits, planFiles, type StoredPlan } from "./stored-plan.ts";

/** One update of a stack. */
export interface UpdateRequest {
  stack: OpenedStack;
  /** The time that the program is told. */
  now: Date;
  /** What the stack's history is told. */
  message: string;
  /** What is about to be done, as the end of "to …". */
  what: string;
  /** A plan that was reviewed, and its folder. @default the update's own */
  stored?: { plan: StoredPlan; folder: string };
  /** Ask first what is really there, and take back what others changed. @default false */
  refresh?: boolean;
  /** Told of every event of the update itself. */
  onEvent?: Parameters<typeof operate>[4]["onEvent"];
}

/** What became of it. */
export interface Updated {
  planned: Planned;
  result: RunResult;
}

/**
 * Previews a stack, shows what changes, has it confirmed, and brings the stack up: to what the preview showed, or not
 * at all. Where a plan was reviewed before, the preview must show the same first; so a plan that no longer fits is
 * refused before anything is done, and the engine holds every resource to it besides.
 * @throws CliError (refused) for what policies refuse and for a plan that no longer fits, (interrupted)
 */
export async function update(
  call: Call<{ yes?: boolean }>,
  steps: Steps,
  request: UpdateRequest,
): Promise<Updated> {
  const { stack, now, message, what, stored, refresh, onEvent } = request;
  // Between the engine's two operations, too, which take theirs from it.
  const interrupt = onInterrupt((line) => call.say.print(line));
  const scratch = mkdtempSync(join(tmpdir(), "atticctl-plan-"));
  const clean = () => rmSync(scratch, { recursive: true, force: true });
  process.once("exit", clean);
  try {
    const own = join(scratch, planFiles.plan);
    const planned = await makePlan(call, stack, steps, { now, plan: own, refresh });
    refuse(planned);
    if (stored && stored.plan.digest !== planned.digest) {
      throw noLongerFits("an update would do something else now than the preview showed");
    }
    if (interrupt.requested()) throw new CliError(EXIT.interrupted, nothingDone);
    const changes = stepsOf(planned.events);
    call.say.print(...planned.warnings.map((warning) => `${call.say.colours.yellow("warning:")} ${warning}`));
    call.say.print(...changeLines(changes, call.say.colours));
    // The outputs and the history may have news still; nothing of it needs a person.
    if (!changesNothing(changes)) await confirmChange(call, stack, what);
    const plan = stored ? join(stored.folder, planFiles.plan) : own;
    const result = await operate(call, stack, steps, "update", {
      action: "up",
      now,
      plan,
      message,
      refresh,
      onEvent,
    });
    return { planned, result };
  } finally {
    process.off("exit", clean);
    clean();
    interrupt.release();
  }
}

/** @throws CliError (refused) with all that policies refuse */
export function refuse({ refused }: Pick<Planned, "refused">): void {
  if (refused.length === 0) return;
  throw new CliError(
    EXIT.refused,
    `policies refuse this update; nothing was changed:\n${refused.map((reason) => `  ${reason.replaceAll("\n", "\n  ")}`).join("\n")}`,
    "docs/policies.md says what each is for, and how to except a resource with the reason",
  );
}

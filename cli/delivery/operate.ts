import type { RunResult } from "../../embedded/engine/engine.ts";
import { EngineError, type EngineErrorKind } from "../../embedded/engine/errors.ts";
import { newOperation } from "../../embedded/engine/events.ts";
import { isOffPlan } from "../../embedded/engine/planned-values.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import { shown } from "../../embedded/local/paths.ts";
import { changesText, plannedText } from "../../embedded/local/terminal/changes.ts";
import { progressDetails, progressStatus } from "../../embedded/local/terminal/progress.ts";
import type { Steps } from "../../embedded/local/terminal/steps.ts";
import type { Call } from "../cli.ts";
import type { StackOperation } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";

/** What the command says of an operation; the rest follows from the call. */
export type Asked = Pick<
  StackOperation,
  "action" | "now" | "refresh" | "plan" | "message" | "targets" | "except" | "policies" | "onEvent"
>;

/**
 * Runs the engine on a stack as one step, shows how far it is, and passes a wish to stop on to it.
 * @throws CliError in words for a person; what it says of the engine's own error is its `cause`
 */
export async function operate(
  { world, say }: Pick<Call, "world" | "say">,
  stack: OpenedStack,
  steps: Steps,
  title: string,
  asked: Asked,
): Promise<RunResult> {
  const interrupt = onInterrupt((line) => say.print(line));
  let seen = newOperation();
  const details = (now: number) => progressDetails(seen, now, say.width);
  try {
    return await steps.run(title, { details }, async (control) => {
      const result = await world.deployments.operate({
        ...asked,
        folder: stack.folder,
        stack: stack.name,
        env: asked.refresh ? { ...world.env, ...takingBack } : world.env,
        signal: interrupt.signal,
        interrupted: interrupt.requested,
        progress: control.status,
        onRecovered: control.note,
        onEvent: (operation, event) => {
          seen = operation;
          control.status(progressStatus(operation));
          asked.onEvent?.(operation, event);
        },
      });
      control.result(asked.action === "up" ? changesText(result.changes) : plannedText(result.changes));
      return result;
    });
  } catch (error) {
    throw inWords(error);
  } finally {
    interrupt.release();
  }
}

/** Without it, the Kubernetes provider leaves a field to whoever changed it last, and fails. */
const takingBack = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };

const exitCodes: Partial<Record<EngineErrorKind, CliError["exitCode"]>> = {
  config: EXIT.usage,
  missing: EXIT.notFound,
  policy: EXIT.refused,
  changes: EXIT.refused,
  interrupted: EXIT.interrupted,
};

function inWords(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const log = error.logPath ? `full log: ${shown(error.logPath)}` : undefined;
  if (isOffPlan(error.message)) {
    return new CliError(
      EXIT.refused,
      `the plan no longer fits, and the engine stopped: ${error.message}`,
      ["what it did before is kept; preview again", log].filter(Boolean).join("\n"),
      { cause: error },
    );
  }
  const hint = [error.hint, log].filter(Boolean).join("\n");
  return new CliError(exitCodes[error.kind] ?? EXIT.failed, error.message, hint, { cause: error });
}

/** The engine's own error behind one in words, when it is of a kind. */
export function engineError(error: unknown, kind: EngineErrorKind): EngineError | undefined {
  const cause = error instanceof CliError ? error.cause : error;
  return cause instanceof EngineError && cause.kind === kind ? cause : undefined;
}

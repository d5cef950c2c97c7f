import { createInterface } from "node:readline";
import { EngineError } from "../../embedded/engine/errors.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { shortName } from "./stored-plan.ts";

/**
 * Has a person confirm a change of a stack: of a protected one by typing its name, of another one by `yes`.
 * @param what is about to be done, as the end of "to …"
 * @throws CliError (usage) when nobody is there to ask, (refused) when another answer comes
 */
export async function confirmChange(
  call: Call<{ yes?: boolean }>,
  stack: OpenedStack,
  what: string,
): Promise<void> {
  const { world, say, options } = call;
  if (options.yes) return;
  if (!world.stdin.isTTY || options.json) {
    throw new CliError(
      EXIT.usage,
      `nobody is there to confirm to ${what}; nothing was changed`,
      "give --yes",
    );
  }
  const expected = stack.config.deletionProtection ? shortName(stack) : "yes";
  say.print(`Type ${expected} to ${what}:`);
  const answer = await ask(call);
  if (answer?.trim() === expected) return;
  throw new CliError(EXIT.refused, `that is not ${expected}; nothing was changed`);
}

/** What a person is told who stops before anything was changed. */
export const nothingDone = "interrupted; nothing was changed";

/**
 * The next line that a person types; undefined when there is none.
 * @throws CliError (interrupted), so that what was prepared can be put back
 */
async function ask({ world, say }: Pick<Call, "world" | "say">): Promise<string | undefined> {
  const lines = createInterface({ input: world.stdin });
  const interrupt = onInterrupt((line) => say.print(line));
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  lines.once("line", resolve).once("close", () => resolve(undefined));
  try {
    return await interrupt.orStop(promise);
  } catch (error) {
    throw error instanceof EngineError ? new CliError(EXIT.interrupted, nothingDone) : error;
  } finally {
    interrupt.release();
    lines.close();
  }
}

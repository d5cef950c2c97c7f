import type { Call } from "../cli.ts";
import { resultLines } from "../verify/command.ts";
import { verifyStack } from "../verify/index.ts";

/** Seconds that a stack has to become well after an update. */
const wait = 300;

/**
 * Whether a stack is what it declares after an update, waiting until it is; the checks are shown to the person.
 * @throws CliError when nothing can be looked at
 */
export async function verified(call: Call): Promise<boolean> {
  const result = await verifyStack(call, { wait });
  call.say.print(...resultLines(result, call.say));
  if (!result.ok) {
    call.say.print(
      "the update is done, and the stack is not well: `atticctl status` shows it, `atticctl rollback` leads back",
    );
  }
  return result.ok;
}

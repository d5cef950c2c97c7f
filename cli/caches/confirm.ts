import { createInterface } from "node:readline";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/**
 * Has a person confirm that caches are destroyed, each by typing its name.
 * @throws CliError when there is nobody to ask, or another answer comes
 */
export async function confirmDestruction(call: Call, names: readonly string[]): Promise<void> {
  const { world, say, options } = call;
  if (!world.stdin.isTTY || options.json) {
    throw new CliError(
      EXIT.usage,
      `nobody is there to confirm that ${names.join(", ")} is destroyed; nothing was changed`,
      "give --yes",
    );
  }
  const lines = createInterface({ input: world.stdin });
  const answers = lines[Symbol.asyncIterator]();
  try {
    for (const name of names) {
      say.print(
        `Destroying ${name} takes all that it lists from everybody who pulls from it. It cannot be undone.`,
        `Type its name to destroy it: ${name}`,
      );
      const { value } = await answers.next();
      if (value?.trim() === name) continue;
      throw new CliError(EXIT.refused, `that is not ${name}; nothing was changed`);
    }
  } finally {
    lines.close();
  }
}

import { createInterface, type Interface } from "node:readline";
import type { Call } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import type { Step } from "./step.ts";

/** Has a person confirm steps, one at a time. */
export class Confirmation {
  readonly #call: Call<{ yes?: boolean }>;
  readonly #lines: Interface | undefined;
  readonly #answers: AsyncIterator<string> | undefined;

  /** @throws CliError when there is nobody to ask, and nobody said yes beforehand */
  constructor(call: Call<{ yes?: boolean }>) {
    const { world, options } = call;
    this.#call = call;
    if (options.yes) return;
    if (!world.stdin.isTTY || options.json) {
      throw new CliError(
        EXIT.usage,
        "nobody is there to confirm the steps; nothing was changed",
        "give --yes, or --dry-run to see them",
      );
    }
    this.#lines = createInterface({ input: world.stdin });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** @throws CliError when the answer is another one */
  async ask({ title, typed = "yes" }: Step): Promise<void> {
    if (!this.#answers) return;
    this.#call.say.print(`Type ${typed} to go on with “${title}”:`);
    const { value } = await this.#answers.next();
    if (value?.trim() === typed) return;
    throw new CliError(
      EXIT.refused,
      `that is not ${typed}; stopped before “${title}”`,
      "the same command goes on from here",
    );
  }

  close(): void {
    this.#lines?.close();
  }
}

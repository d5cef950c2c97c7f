import type { Command } from "commander";
import { seconds } from "../../components/tokens/rotation.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { fromNow, secondsOf } from "../time.ts";
import { findToken } from "./find.ts";
import { isRevoked } from "./revoked.ts";
import { generationWords } from "./words.ts";

interface Options {
  previous?: boolean;
}

/** Adds `get`, the one command that shows a stack's token. */
export function addGet(parent: Command, cli: Cli): void {
  parent
    .command("get <name>")
    .description("print a token, alone on standard output, to be piped on")
    .option("--previous", "the generation before the current one, as long as it is valid")
    .action(
      cli.action<Options, [string]>(async (call, name) => {
        const { world, say, options } = call;
        const stack = await call.open();
        const token = findToken(stack, await stack.deployed(), name);
        const asked = options.previous ? token.previous : token;
        if (!asked) {
          throw new CliError(
            EXIT.notFound,
            `there is no generation before ${generationWords(token)} of ${name} that is still valid`,
          );
        }
        const { generation, issue, expires, secret } = asked;
        if (secondsOf(expires) <= seconds(world.now)) {
          say.print(`warning: it expired ${fromNow(secondsOf(expires), seconds(world.now))}`);
        }
        if (isRevoked(stack.config, secret, world.now)) {
          say.print("warning: it is revoked, and refused from the update after that on");
        }
        if (world.stdout.isTTY) say.print(`warning: the token of ${name} stands on this screen from here on`);
        call.print({ name, kind: token.kind, generation, issue, expires, token: secret }, () => [secret]);
      }),
    );
}

import { Command, CommanderError } from "commander";
import type { ScreenStream } from "../embedded/local/terminal/screen.ts";
import { addCaches } from "./caches/command.ts";
import { Cli } from "./cli.ts";
import { addClientConfig } from "./clients/command.ts";
import { addCompletion } from "./completion/command.ts";
import { addDatabase } from "./database/command.ts";
import { addDelivery } from "./delivery/commands.ts";
import { addFreeze } from "./delivery/freeze-command.ts";
import { addGate } from "./delivery/gate.ts";
import { addNote } from "./delivery/note.ts";
import { addDoctor } from "./doctor/command.ts";
import { reportError } from "./errors.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { addGc } from "./gc/command.ts";
import { addStatus } from "./status/command.ts";
import { addTokens } from "./tokens/index.ts";
import { addVerify } from "./verify/command.ts";
import type { World } from "./world.ts";

/**
 * `atticctl`.
 * @param args without the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], world: World): Promise<number> {
  const cli = new Cli({ ...world, stderr: withoutTokens(world.stderr) });
  try {
    await program(cli).parseAsync(args, { from: "user" });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error, cli.say);
  }
}

/** The commands and options of `atticctl`, with what they do. */
export function program(cli: Cli): Command {
  const root = new Command("atticctl")
    .description("Looks after a deployed stack of Attic: its tokens, and the caches in the running server.")
    .option(
      "-s, --stack <name>",
      "the stack (default: $PULUMI_STACK, else the one that `pulumi` has selected)",
    )
    .option("-C, --cwd <folder>", "the project's folder, or one in it (default: this one)")
    .option("--json", "the result as JSON on standard output")
    .addHelpText("after", EXIT_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.world.stdout.write(text),
      writeErr: (text) => cli.world.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true });
  addStatus(root, cli);
  addVerify(root, cli);
  addTokens(root, cli);
  addCaches(root, cli);
  addClientConfig(root, cli);
  addDatabase(root, cli);
  addDelivery(root, cli);
  for (const add of [addFreeze, addGate, addNote, addDoctor, addGc, addCompletion]) add(root, cli);
  return root;
}

/**
 * Messages without the tokens in them: an error quotes the arguments that it is about, and one of them may be a
 * token that was put in the wrong place.
 */
function withoutTokens(stream: ScreenStream): ScreenStream {
  return {
    isTTY: stream.isTTY,
    columns: stream.columns,
    write: (text) => stream.write(text.replace(/eyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?/g, "[a token]")),
  };
}

import { join } from "node:path";
import process from "node:process";
import { Argument, type Command } from "commander";
import type { Cli } from "../cli.ts";
import { candidates } from "./candidates.ts";
import { namesIn } from "./names.ts";
import { type Shell, script } from "./scripts.ts";

/** Adds `completion`, and the hidden `complete` that its scripts ask. */
export function addCompletion(root: Command, cli: Cli): void {
  root
    .command("completion")
    .description("print a script that completes commands, options and names in a shell")
    .addArgument(new Argument("<shell>", "your shell").choices(["bash", "zsh", "fish"] satisfies Shell[]))
    .addHelpText("after", "\nIn ~/.bashrc, from the project's folder: source <(npx atticctl completion bash)")
    .action(
      cli.action<object, [Shell]>(async ({ out }, shell) => {
        out.print(script(shell, [process.execPath, join(import.meta.dirname, "../main.ts")]));
      }),
    );
  root
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action(
      cli.action<object, [string[]]>(async ({ world, out }, words) => {
        const found = candidates(root, words, namesIn(world));
        out.print(...found.map(({ value, description }) => `${value}\t${description}`.trimEnd()));
      }),
    );
}

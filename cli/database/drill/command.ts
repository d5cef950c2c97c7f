import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import type { DrillCommand } from "./drill.ts";

/** Adds `drill`. */
export function addDrill(parent: Command, cli: Cli): void {
  parent
    .command("drill")
    .description(
      "restore the archive into a namespace of its own, check it, time it, and remove it all again",
    )
    .option("--to <time>", "restore to this moment instead of the newest state")
    .option("--from <server>", "the server name of the archive (default: the live database's)")
    .option("--timeout <span>", "how long the recovery may take", "2h")
    .option("--report <file>", "write what was found as JSON, whatever the outcome")
    .option("--keep", "leave the namespace, to look into it")
    .option("--print-iam", "print the documents of the role that a drill on AWS needs, and do nothing else")
    .addHelpText(
      "after",
      `
The live database and its archive are only read; with --to it sends off the log that it is writing. Exit code 4: the
archive could not be restored, or what came back is not what it should be.`,
    )
    // The builders of manifests take a second to load, which no other command should pay.
    .action(cli.action<DrillCommand>(async (call) => (await import("./drill.ts")).drill(call)));
}

import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import type { RestoreCommand } from "./restore.ts";

/** Adds `restore`. */
export function addRestore(parent: Command, cli: Cli): void {
  parent
    .command("restore")
    .description("put the database back to an earlier state, out of its archive, step by step")
    .option("--to <time>", "to this moment, such as 2026-11-20T10:30:00Z")
    .option("--to-name <point>", "to a restore point; needs --backup-id")
    .option("--backup-id <id>", "the full backup to begin with: status.backupId of a Backup")
    .option("--latest", "to the newest state that the archive has")
    .option("--dry-run", "show the change of the file and every step, and change nothing")
    .option("-y, --yes", "do not ask before each step")
    .option("--from <server>", "the server name of the archive (default: the live database's)")
    .option("--server-name <name>", "the new server name (default: the next number)")
    .option("--without-last-logs", "do not wait for logs that do not arrive: what they hold is lost")
    .option("--unchecked", "restore what the plugin does not tell can be restored")
    .option("--start-gc", "start the garbage collector at the end, which else stays off")
    .option("--override-freeze <reason>", "restore although deployments are frozen; the reason is recorded")
    .addHelpText(
      "after",
      `
The old archive and the old volumes stay. Stopped in between, or failed, the same command goes on from there. docs/backups.md
describes every step by hand.`,
    )
    // Manifests' builders and the engine take a second to load, which no other command should pay.
    .action(cli.action<RestoreCommand>(async (call) => (await import("./restore.ts")).restore(call)));
}

import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addBackup } from "./backup.ts";
import { addDrill } from "./drill/command.ts";
import { addRestore } from "./restore/command.ts";

/** Adds `db` with its commands. */
export function addDatabase(parent: Command, cli: Cli): void {
  const database = parent
    .command("db")
    .description("the database's backups: make one, try a restore on the side, restore");
  for (const add of [addBackup, addDrill, addRestore]) add(database, cli);
}

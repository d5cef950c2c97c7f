import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addList } from "./list.ts";
import { addShow } from "./show.ts";
import { addSync } from "./sync.ts";

/** Adds `caches` with its commands. */
export function addCaches(parent: Command, cli: Cli): void {
  const caches = parent
    .command("caches")
    .description(
      "the caches in the running server: what is declared, what is there, and making them the same",
    );
  for (const add of [addList, addShow, addSync]) add(caches, cli);
}

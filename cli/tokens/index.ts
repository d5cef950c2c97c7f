import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addGet } from "./get.ts";
import { addInspect } from "./inspect.ts";
import { addList } from "./list.ts";
import { addMint } from "./mint.ts";
import { addPlan } from "./plan.ts";
import { addPublish } from "./publish.ts";
import { addRevoke } from "./revoke.ts";
import { addRotate } from "./rotate-command.ts";

/** Adds `tokens` with its commands. */
export function addTokens(parent: Command, cli: Cli): void {
  const tokens = parent
    .command("tokens")
    .description("the tokens that the stack mints: what they allow, when they rotate, who is refused");
  for (const add of [addList, addGet, addPlan, addMint, addRevoke, addRotate, addInspect, addPublish])
    add(tokens, cli);
}

import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { apiOption } from "../gitlab-api/connect.ts";
import { parseDuration } from "../time.ts";
import type { RotateOptions } from "./rotate.ts";

/** Adds `rotate`; what it is made of is loaded when it runs. */
export function addRotate(parent: Command, cli: Cli): void {
  parent
    .command("rotate")
    .description("make the tokens anew that are due, and nothing else; for a daily schedule")
    .option("--yes", "ask nobody")
    .option("--next-run <span>", "when this runs again: exit 4 if a token ends before", parseDuration, 86_400)
    .option("--publish", "then set the GitLab variables that the stack declares")
    .option(...apiOption)
    .option(
      "--override-freeze <reason>",
      "go past a freeze after a revocation, or for a token that ends before it; the reason is recorded",
    )
    .action(cli.action<RotateOptions>(async (call) => (await import("./rotate.ts")).rotate(call)));
}

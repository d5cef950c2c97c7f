import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { apiOption, projectOption } from "../gitlab-api/connect.ts";
import type { DeployOptions } from "./deploy.ts";
import type { DriftOptions } from "./drift.ts";
import type { PreviewOptions } from "./preview.ts";
import type { RollbackOptions } from "./rollback.ts";

/**
 * Adds what brings a stack up, and looks at what that would do. What the commands are made of is loaded when one of
 * them runs: Pulumi's SDK takes half a second.
 */
export function addDelivery(parent: Command, cli: Cli): void {
  for (const add of [addPreview, addDeploy, addDrift, addRollback]) add(parent, cli);
}

function addPreview(parent: Command, cli: Cli): void {
  parent
    .command("preview")
    .description("what an update of the stack would do, as a plan for `deploy` and a page for its review")
    .option("--out <folder>", "where the plan goes (default: out/plan-STACK in the project's folder)")
    .option("--base <revision>", "Git revision whose stack file the cost is compared with")
    .option("--refresh", "ask first what is really there, so that drift shows")
    .action(cli.action<PreviewOptions>(async (call) => (await import("./preview.ts")).preview(call)));
}

function addDeploy(parent: Command, cli: Cli): void {
  parent
    .command("deploy")
    .description("bring the stack to what the program says, as a preview showed it, and verify it")
    .option("--plan <folder>", "deploy what `preview` left there, or nothing (default: a preview of its own)")
    .option("--refresh", "ask first what is really there, and take back what others changed")
    .option("--yes", "ask nobody")
    .option("--no-verify", "do not look whether the stack is well afterwards")
    .option("--message <text>", "why, for the stack's history")
    .option("--allow-dirty", "a protected stack, too, from files that differ from the commit")
    .option("--override-freeze <reason>", "is refused here: no ordinary deployment passes a freeze")
    .action(cli.action<DeployOptions>(async (call) => (await import("./deploy.ts")).deploy(call)));
}

function addDrift(parent: Command, cli: Cli): void {
  parent
    .command("drift")
    .description(
      "what is otherwise than it was deployed, in the cluster or in what is declared; exit 4 if any",
    )
    .addOption(
      new Option("--only <who>", "look for what one of them moved alone").choices(["cluster", "declared"]),
    )
    .action(cli.action<DriftOptions>(async (call) => (await import("./drift.ts")).drift(call)));
}

function addRollback(parent: Command, cli: Cli): void {
  parent
    .command("rollback")
    .description(
      "bring the stack up with another image, and write it into the stack's file; same code otherwise",
    )
    .option("--image <image>", "this one, pinned by commit or digest")
    .option("--to <pipeline|commit>", "the one that the stack's file named there")
    .option("--yes", "ask nobody")
    .option("--no-verify", "do not look whether the stack is well afterwards")
    .option("--allow-dirty", "a protected stack, too, from files that differ from the commit")
    .option("--merge-request", "in a GitLab pipeline: open a merge request with the edit of the stack's file")
    .option("--override-freeze <reason>", "go past a freeze; the reason is recorded")
    .option(...projectOption)
    .option(...apiOption)
    .addHelpText(
      "after",
      "\nA pipeline's number and --merge-request take the credential $GITLAB_TOKEN, with the scope `api`.",
    )
    .action(cli.action<RollbackOptions>(async (call) => (await import("./rollback.ts")).rollback(call)));
}

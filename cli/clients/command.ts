import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { type Client, clientOf, pullToken } from "./client.ts";
import { homeManagerModule, nixosModule } from "./modules.ts";
import { nixConf } from "./nix.ts";
import { type Forge, pipeline, pipelines } from "./pipelines.ts";

/** What is written for machines that pull. */
const machines: Record<string, (client: Client, token: string | undefined) => string[]> = {
  nix: nixConf,
  nixos: nixosModule,
  "home-manager": homeManagerModule,
};

interface Options {
  for: string;
  cache?: string[];
  readOnly?: string;
}

/** Adds `client-config`. */
export function addClientConfig(parent: Command, cli: Cli): void {
  parent
    .command("client-config")
    .description(
      "what a client of the stack's caches needs, filled in, without any token; the server is not asked",
    )
    .addOption(
      new Option("--for <client>", "whose configuration")
        .choices([...Object.keys(machines), ...Object.keys(pipelines)])
        .makeOptionMandatory(),
    )
    .option("--cache <name...>", "these caches (default: all that are declared)")
    .option("--read-only <token>", "the token that machines pull with (default: the first that will do)")
    .action(
      cli.action<Options>(async (call) => {
        const { options } = call;
        const stack = await call.open();
        const client = clientOf(stack.name, stack.config, await stack.deployed(), options.cache ?? []);
        const machine = machines[options.for];
        const lines = machine
          ? machine(client, pullToken(client, options.readOnly))
          : pipeline(client, options.for as Forge);
        const { endpoint, caches } = client;
        call.print({ for: options.for, endpoint, caches, text: `${lines.join("\n")}\n` }, () => lines);
      }),
    );
}

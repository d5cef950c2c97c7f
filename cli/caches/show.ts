import type { Command } from "commander";
import type { CacheAddress } from "../../components/caches/index.ts";
import type { Cli } from "../cli.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { chosenNames } from "./declared.ts";

/** Adds `show`. */
export function addShow(parent: Command, cli: Cli): void {
  parent
    .command("show")
    .description("what a Nix client needs to use a cache, to paste into nix.conf; the server is not asked")
    .argument("<cache>", "a declared cache")
    .action(
      cli.action<object, [string]>(async (call, name) => {
        const stack = await call.open();
        chosenNames(stack.config, [name]);
        const { caches } = await stack.deployed();
        const address = Object.hasOwn(caches, name) ? caches[name] : undefined;
        if (!address) {
          throw new CliError(EXIT.notFound, `the stack has no key yet for ${name}`, bringUp(stack.name));
        }
        const isPublic = stack.config.caches[name]?.public ?? false;
        call.print({ name, ...address, public: isPublic }, () => nixConf(name, address, isPublic));
      }),
    );
}

/**
 * The lines of nix.conf, which add to what a machine uses already. A private cache needs a token too, which Nix reads
 * from a netrc file and which is not shown here.
 */
export function nixConf(name: string, { url, publicKey }: CacheAddress, isPublic: boolean): string[] {
  return [
    `# ${name}: ${isPublic ? "everybody may pull from it" : "Nix sends the token that the netrc file has for its host"}`,
    `extra-substituters = ${url}`,
    `extra-trusted-public-keys = ${publicKey}`,
    ...(isPublic
      ? []
      : [
          "netrc-file = /etc/nix/netrc",
          `# in /etc/nix/netrc: machine ${new URL(url).hostname} login nix password TOKEN`,
        ]),
  ];
}

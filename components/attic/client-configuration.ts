import type { StackConfig } from "../../config/index.ts";

/**
 * What a Nix client needs to use the stack's caches, ready to paste into nix.conf; `CACHE` and `KEY` stand for a
 * cache's name and its public key, which `attic cache info` shows. Private caches need the token in a netrc file
 * too, with any user name.
 */
export function clientConfiguration({ server }: StackConfig): string {
  const substituter = server.substituterEndpoint ?? server.apiEndpoint;
  return [
    "# nix.conf",
    `extra-substituters = ${substituter}CACHE`,
    "extra-trusted-public-keys = KEY",
    "netrc-file = /etc/nix/netrc",
    "# /etc/nix/netrc, for private caches",
    `machine ${new URL(substituter).hostname} login nix password TOKEN`,
    "",
  ].join("\n");
}

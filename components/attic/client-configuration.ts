import type { StackConfig } from "../../config/index.ts";
import type { CacheAddress } from "../caches/index.ts";

/**
 * What a Nix client needs to use the stack's caches, ready to paste into nix.conf. Private caches need a token in a
 * netrc file too, with any user name.
 * @param caches the declared ones by name, undefined where one has no key yet; without any, `CACHE` and `KEY` stand for
 *   what `attic cache info` shows
 */
export function clientConfiguration(
  { server }: StackConfig,
  caches: Readonly<Record<string, CacheAddress | undefined>>,
): string {
  const { substituterEndpoint } = server;
  const addresses = Object.values(caches).filter((cache) => cache !== undefined);
  const all = addresses.length > 0 ? addresses : [{ url: `${substituterEndpoint}CACHE`, publicKey: "KEY" }];
  return [
    "# nix.conf",
    `extra-substituters = ${all.map(({ url }) => url).join(" ")}`,
    `extra-trusted-public-keys = ${all.map(({ publicKey }) => publicKey).join(" ")}`,
    "netrc-file = /etc/nix/netrc",
    "# /etc/nix/netrc, for private caches",
    `machine ${new URL(substituterEndpoint).hostname} login nix password TOKEN`,
    "",
  ].join("\n");
}

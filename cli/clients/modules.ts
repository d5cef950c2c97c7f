import { type Client, privateCaches } from "./client.ts";
import { netrcComments, nixSettings } from "./nix.ts";
import { nixValue } from "./nix-language.ts";

/** A module for NixOS. */
export function nixosModule(client: Client, token: string | undefined): string[] {
  const netrc = privateCaches(client).length > 0 && { "netrc-file": "/etc/nix/netrc" };
  return [
    `# A NixOS module: the caches of stack ${client.stack}.`,
    ...netrcComments(client, token, "/etc/nix/netrc", "sudo sh"),
    ...(netrc
      ? [
          "# Whoever keeps secrets with sops-nix or agenix has them write that file; environment.etc would publish it.",
        ]
      : []),
    nixValue({ "nix.settings": { ...nixSettings(client), ...netrc } }).replace(
      '"nix.settings"',
      "nix.settings",
    ),
  ];
}

/** A module for home-manager. */
export function homeManagerModule(client: Client, token: string | undefined): string[] {
  const needed = privateCaches(client).length > 0;
  const urls = client.caches.map(({ url }) => url).join(" ");
  const settings = nixValue(nixSettings(client), "  ");
  return [
    `# A home-manager module: the caches of stack ${client.stack}.`,
    "# Where a daemon does the downloads, it heeds this for trusted users alone. For others, root sets in /etc/nix/nix.conf:",
    `#   trusted-substituters = ${urls}`,
    "#   and trusted-public-keys and netrc-file, which only root can: see atticctl client-config --for nix.",
    ...netrcComments(client, token, "~/.config/nix/netrc", "sh"),
    "{ config, lib, pkgs, ... }:",
    "{",
    "  # Without a package, home-manager writes no nix.conf.",
    "  nix.package = lib.mkDefault pkgs.nix;",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Nix that replaces it
    `  nix.settings = ${needed ? settings.replace(/\}$/, '  netrc-file = "${config.xdg.configHome}/nix/netrc";\n  }') : settings};`,
    "}",
  ];
}

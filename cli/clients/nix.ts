import { type Client, privateCaches } from "./client.ts";

/** The settings of Nix that a client needs, by name. */
export interface NixSettings {
  "extra-substituters": string[];
  "extra-trusted-public-keys": string[];
  /** Builds go on without a cache that is away. */
  fallback: boolean;
  /** Seconds. Older versions of Nix wait for minutes by themselves. */
  "connect-timeout": number;
}

/** What is set on every kind of machine. They add to what is set elsewhere, so cache.nixos.org stays. */
export const nixSettings = ({ caches }: Client): NixSettings => ({
  "extra-substituters": caches.map(({ url }) => url),
  "extra-trusted-public-keys": caches.map(({ publicKey }) => publicKey),
  fallback: true,
  "connect-timeout": 5,
});

/** The hosts that Nix sends the token to. */
const hosts = (client: Client) => [...new Set(privateCaches(client).map(({ url }) => new URL(url).hostname))];

/**
 * How a netrc file comes to hold the token, as comments; nothing where no cache needs one. The same puts the next one
 * in its place.
 * @param token its name; undefined when the stack has none that will do
 * @param file the netrc file, in words of a shell
 * @param shell what runs a script as the file's owner
 */
export function netrcComments(
  client: Client,
  token: string | undefined,
  file: string,
  shell: "sh" | "sudo sh",
): string[] {
  if (privateCaches(client).length === 0) return [];
  const from = token ?? "TOKEN";
  return [
    `# The token stands in ${file}, mode 0600, and nowhere else: not here, and never in the Nix store.`,
    ...(token === undefined
      ? ["# No token below attic:tokens.readOnly may pull from all of these caches: declare one first."]
      : []),
    "# This puts it there, in the place of the one before; run it again after each rotation:",
    ...hosts(client).map(
      (host) =>
        `#   npx atticctl --stack ${client.stack} tokens get ${from} | ${shell} clients/netrc.sh ${host} ${file}`,
    ),
  ];
}

/** Lines for nix.conf. */
export function nixConf(client: Client, token: string | undefined): string[] {
  const needed = privateCaches(client).length > 0;
  const values = { ...nixSettings(client), ...(needed && { "netrc-file": "/etc/nix/netrc" }) };
  return [
    "# /etc/nix/nix.conf; restart the Nix daemon after a change.",
    ...Object.entries(values).map(([name, value]) => `${name} = ${[value].flat().join(" ")}`),
    ...netrcComments(client, token, "/etc/nix/netrc", "sudo sh"),
  ];
}

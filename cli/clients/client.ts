import type { Grants } from "../../components/tokens/claims.ts";
import { covers, narrowestFirst } from "../../config/cache-names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Kind, Permission } from "../../config/schema/tokens.ts";
import { chosenNames } from "../caches/declared.ts";
import type { Deployed } from "../deployed.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** A cache as clients see it. */
export interface ClientCache {
  name: string;
  /** For `substituters`. */
  url: string;
  /** For `trusted-public-keys`. */
  publicKey: string;
  /** Whether it takes no token to pull from it. */
  public: boolean;
}

/** What a client's configuration is made of; it holds no secret. */
export interface Client {
  /** As Pulumi names it. */
  stack: string;
  /** The API's URL; it ends in a slash. */
  endpoint: string;
  /** In the configuration's order. */
  caches: ClientCache[];
  tokens: StackConfig["tokens"];
}

/**
 * What clients of a stack are told.
 * @param only the caches that they use; all that are declared when there are none
 * @throws CliError for a cache that is not declared, and for one whose key is not made yet
 */
export function clientOf(
  stack: string,
  config: StackConfig,
  deployed: Pick<Deployed, "url" | "caches">,
  only: readonly string[],
): Client {
  const names = chosenNames(config, only);
  if (names.length === 0) {
    throw new CliError(
      EXIT.notFound,
      `stack ${stack} declares no cache`,
      "declare one below attic:caches, bring the stack up and run: npx atticctl caches sync",
    );
  }
  const caches = names.map((name) => {
    const address = Object.hasOwn(deployed.caches, name) ? deployed.caches[name] : undefined;
    if (!address) throw new CliError(EXIT.notFound, `the stack has no key yet for ${name}`, bringUp(stack));
    return { name, ...address, public: config.caches[name]?.public ?? false };
  });
  return { stack, endpoint: deployed.url, caches, tokens: config.tokens };
}

/** Those that take a token to pull from. */
export const privateCaches = ({ caches }: Client): ClientCache[] => caches.filter((cache) => !cache.public);

/** Whether a token may do something to a cache: the server takes the exact name, else the narrowest pattern. */
export function allows(grants: Grants, cache: string, permission: Permission): boolean {
  const decisive = narrowestFirst(Object.keys(grants)).find((pattern) => covers(pattern, cache));
  return decisive !== undefined && (grants[decisive]?.includes(permission) ?? false);
}

/**
 * The token that machines pull with: one that may pull from every private cache, and nothing else.
 * @param asked its name; the first that will do when undefined
 * @returns undefined when no token is needed, or none will do
 * @throws CliError when the one that was asked for will not do
 */
export function pullToken(client: Client, asked?: string): string | undefined {
  const needed = privateCaches(client);
  const { readOnly } = client.tokens;
  const lacks = (name: string) =>
    needed.filter((cache) => !allows(readOnly[name]?.caches ?? {}, cache.name, "pull"));
  if (asked === undefined) {
    return needed.length === 0 ? undefined : Object.keys(readOnly).find((name) => lacks(name).length === 0);
  }
  if (!Object.hasOwn(readOnly, asked)) {
    throw new CliError(
      EXIT.usage,
      `attic:tokens.readOnly declares no ${asked}`,
      `machines pull, so their token allows nothing else; declared: ${Object.keys(readOnly).join(", ") || "none"}`,
    );
  }
  if (lacks(asked).length > 0) {
    throw new CliError(
      EXIT.usage,
      `${asked} may not pull from ${lacks(asked)
        .map(({ name }) => name)
        .join(", ")}`,
      "choose another token, or caches that it may pull from with --cache",
    );
  }
  return asked;
}

/** A token that pipelines push with, and where to. */
export interface Pusher {
  /** The token's name. */
  token: string;
  /** The cache's name. */
  cache: string;
  /** Where `atticctl tokens publish` puts it. */
  gitlab?: StackConfig["tokens"][Kind][string]["gitlab"];
}

/** The tokens that pipelines push with; without one of them, they push nothing there. */
export interface Pushers {
  trusted?: Pusher;
  branch?: Pusher;
}

/**
 * Which declared tokens of kind ci pipelines push with: trusted refs with the first that may push, all others with one
 * that may push elsewhere and not there. In GitLab, the first is a protected variable and the second is not.
 */
export function pushers(client: Client, inGitlab: boolean): Pushers {
  // What is private does not become public by being pushed, where it can be helped.
  const caches = client.caches.toSorted((a, b) => Number(a.public) - Number(b.public));
  const all = Object.entries(client.tokens.ci).flatMap(([token, { caches: grants, gitlab }]) => {
    if (inGitlab && !gitlab) return [];
    const cache = caches.find(({ name }) => allows(grants, name, "push"))?.name;
    return cache === undefined ? [] : [{ token, cache, grants, gitlab }];
  });
  const trusted = all.find(({ gitlab }) => !inGitlab || gitlab?.protected);
  const branch = all.find(
    ({ token, grants, gitlab }) =>
      token !== trusted?.token &&
      !(inGitlab && gitlab?.protected) &&
      !(trusted && allows(grants, trusted.cache, "push")),
  );
  const plain = (found: typeof trusted) =>
    found && { token: found.token, cache: found.cache, ...(found.gitlab && { gitlab: found.gitlab }) };
  return { trusted: plain(trusted), branch: plain(branch) };
}

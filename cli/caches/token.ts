import { type Claims, claims, type Grants } from "../../components/tokens/claims.ts";
import { sign, signingKey } from "../../components/tokens/jwt.ts";
import { backdating, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Permission } from "../../config/schema/tokens.ts";
import type { CachePlan } from "./plan.ts";

/** Seconds that a command's token is valid from now on. */
const validity = 600;

/** What reading caches needs. */
export const readingGrants = (names: readonly string[]): Grants =>
  Object.fromEntries(names.map((name) => [name, ["pull"]]));

/** What a plan needs, and nothing else: the exact name, with the permissions of its writes. */
export const writingGrants = ({ name, writes }: CachePlan): Grants => ({
  [name]: ["pull", ...new Set(writes.flatMap(permissionsOf))],
});

function permissionsOf(write: CachePlan["writes"][number]): Permission[] {
  switch (write.kind) {
    case "create":
      return ["createCache"];
    case "destroy":
      return ["destroyCache"];
    case "configure":
      return write.patch.retention_period === undefined
        ? ["configureCache"]
        : ["configureCache", "configureCacheRetention"];
  }
}

/** What a command's token says. */
export function commandClaims(config: StackConfig, grants: Grants, now: Date): Claims {
  const time = seconds(now);
  // No declared token can have this name, so that revoking one never means this one.
  const issue = {
    name: "atticctl caches",
    signingKey: config.tokens.signingKey.generation,
    generation: time,
    issue: 0,
  };
  return claims(
    issue,
    "command",
    grants,
    { notBefore: time - backdating, expires: time + validity },
    config.server.jwt,
  );
}

/** Mints a token for one command. It is written nowhere. */
export const commandToken = (config: StackConfig, grants: Grants, now: Date, pem: string): Promise<string> =>
  sign(commandClaims(config, grants, now), signingKey(pem));

import { createHash } from "node:crypto";
import { narrowestFirst } from "../../config/cache-names.ts";
import type { StackConfig } from "../../config/index.ts";
import { type Permission, permissions } from "../../config/schema/tokens.ts";
import type { Generation } from "./rotation.ts";

/** What a token allows, by the name of a cache or a pattern. */
export type Grants = Readonly<Record<string, readonly Permission[]>>;

/** The claim that the server reads the grants from. */
export const grantsClaim = "https://jwt.attic.rs/v1";

/** How the claim writes each permission. */
export const letters: Readonly<Record<Permission, string>> = {
  pull: "r",
  push: "w",
  delete: "d",
  createCache: "cc",
  configureCache: "cr",
  configureCacheRetention: "cq",
  destroyCache: "cd",
};

/** Which of a token's JWTs it is. */
export interface Issue {
  /** The token's name. */
  name: string;
  /** Generation of the signing key. */
  signingKey: number;
  /** The token's generation. */
  generation: number;
  /** How many issues of that generation were revoked before this one. */
  issue: number;
}

/** A JWT's payload, its claims in this order. */
export interface Claims {
  jti: string;
  sub: string;
  iss?: string;
  aud?: string[];
  iat: number;
  nbf: number;
  exp: number;
  [grantsClaim]: { caches: Record<string, Record<string, 1>> };
}

/** The id in a JWT: 32 hexadecimal digits, the same whatever the token allows. */
export function tokenId({ name, signingKey, generation, issue }: Issue): string {
  const text = ["attic", signingKey, name, generation, issue].join("/");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** What a token says: the same arguments make the same bytes. */
export function claims(
  issue: Issue,
  kind: string,
  grants: Grants,
  { notBefore, expires }: Pick<Generation, "notBefore" | "expires">,
  { issuer, audiences }: StackConfig["server"]["jwt"],
): Claims {
  return {
    // First, and of a fixed length: revocation looks for it at its place (see revocation.ts).
    jti: tokenId(issue),
    sub: `${kind}/${issue.name}`,
    ...(issuer && { iss: issuer }),
    ...(audiences && { aud: [...audiences] }),
    iat: notBefore,
    nbf: notBefore,
    exp: expires,
    [grantsClaim]: { caches: grantsClaimOf(grants) },
  };
}

/** Grants as the server reads them: narrow names before wide ones, as it takes the first that fits. */
function grantsClaimOf(grants: Grants): Record<string, Record<string, 1>> {
  return Object.fromEntries(
    narrowestFirst(Object.keys(grants)).map((name) => {
      const given = permissions.filter((permission) => grants[name]?.includes(permission));
      return [name, Object.fromEntries(given.map((permission) => [letters[permission], 1 as const]))];
    }),
  );
}

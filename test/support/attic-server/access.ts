import jwt from "jsonwebtoken";

// How the server reads tokens (token/src/lib.rs, attic/src/cache.rs), written apart from the code that mints them
// and with another library, so that one mistake cannot be in both.

/** A permission, as the claim writes it. */
export type Letter = "r" | "w" | "d" | "cc" | "cr" | "cq" | "cd";

const letters: readonly Letter[] = ["r", "w", "d", "cc", "cr", "cq", "cd"];
const namespace = "https://jwt.attic.rs/v1";
const pattern = /^[A-Za-z0-9*][A-Za-z0-9\-_+*]{0,49}$/;

/** What the server checks tokens by. */
export interface TokenRules {
  /** PEM. */
  publicKey: string;
  issuer?: string;
  audiences?: readonly string[];
}

/** What a token allows, in the order of its JSON. */
export type Access = readonly [pattern: string, allowed: ReadonlySet<Letter>][];

/** What the request's Authorization header allows; undefined for an anonymous request, which any bad token makes. */
export function accessOf(
  authorization: string | undefined,
  rules: TokenRules,
  now: Date,
): Access | undefined {
  const token = tokenOf(authorization);
  if (token === undefined) return undefined;
  const time = Math.floor(now.getTime() / 1000);
  try {
    const payload = jwt.verify(token, rules.publicKey, {
      algorithms: ["RS256"],
      clockTimestamp: time,
      clockTolerance: 0,
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
      ...(rules.audiences && { audience: [...rules.audiences] as [string, ...string[]] }),
    });
    if (typeof payload === "string" || (payload.iat ?? 0) > time) return undefined;
    return grants(payload[namespace]);
  } catch {
    return undefined;
  }
}

/** `Bearer`, or the password of `Basic` with any user, in any case. */
function tokenOf(authorization = ""): string | undefined {
  const [, scheme, rest] = /^(bearer|basic) (.*)$/i.exec(authorization) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return rest;
  const pair = Buffer.from(rest, "base64").toString("utf8");
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
}

/** @throws when anything in the claim is not as the server wants it: the whole token is void then */
function grants(claim: { caches: Record<string, Record<string, unknown>> }): Access {
  return Object.entries(claim.caches).map(([name, given]) => {
    if (!pattern.test(name)) throw new Error(`bad pattern ${name}`);
    for (const letter of letters) {
      if (given[letter] !== undefined && given[letter] !== 0 && given[letter] !== 1) {
        throw new Error(`${letter} is neither 0 nor 1`);
      }
    }
    return [name, new Set(letters.filter((letter) => given[letter] === 1))];
  });
}

/** The exact name's permissions, else the first pattern's that fits; nothing is added up. */
export function permissionsFor(access: Access | undefined, cache: string): Set<Letter> {
  const entry = access?.find(([name]) => name === cache) ?? access?.find(([name]) => fits(name, cache));
  return new Set(entry?.[1]);
}

function fits(wanted: string, name: string): boolean {
  if (wanted === "") return name === "";
  if (wanted[0] === "*") return fits(wanted.slice(1), name) || (name !== "" && fits(wanted, name.slice(1)));
  return wanted[0] === name[0] && fits(wanted.slice(1), name.slice(1));
}

import { grantsClaim, letters } from "../../components/tokens/claims.ts";
import type { Seconds } from "../../components/tokens/rotation.ts";
import { cachePattern, covers, isPattern } from "../../config/cache-names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { type Permission, permissions } from "../../config/schema/tokens.ts";
import { stamp } from "../time.ts";
import { type DecodedJwt, isSignedBy } from "./jwt.ts";

/** What a token allows on the caches that one name or pattern means. */
export interface Allowed {
  /** A cache's name or a pattern. */
  caches: string;
  permissions: Permission[];
}

/** How the server reads a token. */
export interface Verdict {
  /** Why it refuses the whole token; empty when it takes it. */
  refusals: string[];
  /** What it allows, in the order in which the server looks; what cannot be read is left out. */
  allows: Allowed[];
  /** What is in it without effect. */
  remarks: string[];
}

/** What the server goes by. */
export interface ServerRules {
  publicKeyBase64: string;
  jwt: StackConfig["server"]["jwt"];
  now: Seconds;
}

/** Reads a token as the server does: every reason for refusing it, and what it allows else. */
export function verdict(token: DecodedJwt, { publicKeyBase64, jwt, now }: ServerRules): Verdict {
  const signed = isSignedBy(token, publicKeyBase64);
  const grants = readGrants(token.payload[grantsClaim]);
  return {
    ...grants,
    refusals: [
      ...(token.header.alg === "RS256" ? [] : [`its header says ${shown(token.header.alg)} and not RS256`]),
      ...(signed ? [] : ["the stack's key did not sign it"]),
      ...timeRefusals(token.payload, now),
      ...bindingRefusals(token.payload, jwt),
      ...grants.refusals,
    ],
  };
}

/** The server allows its clock no difference to the one that the token was made by. */
function timeRefusals({ exp, nbf, iat }: DecodedJwt["payload"], now: Seconds): string[] {
  const check = (name: string, value: unknown, problem: (time: number) => string | false) => {
    if (value === undefined) return [];
    const found = isTime(value) ? problem(value) : `its ${name} is no time`;
    return found ? [found] : [];
  };
  return [
    ...check("exp", exp, (time) => time <= now && `it expired at ${stamp(time)}`),
    ...check("nbf", nbf, (time) => time > now && `it is not valid before ${stamp(time)}`),
    ...check("iat", iat, (time) => time > now && `it was made in the future, at ${stamp(time)}`),
  ];
}

/** A time that the claims can hold: seconds since 1970, up to the year 9999. */
export const isTime = (value: unknown): value is Seconds =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 253_402_300_800;

function bindingRefusals(
  { iss, aud }: DecodedJwt["payload"],
  { issuer, audiences }: ServerRules["jwt"],
): string[] {
  const has = Array.isArray(aud) ? aud : [aud];
  return [
    ...(issuer && iss !== issuer ? [`its issuer is ${shown(iss)} and not ${issuer}`] : []),
    ...(audiences && !audiences.some((one) => has.includes(one))
      ? [`its audience is ${shown(aud)} and not ${audiences.join(" or ")}`]
      : []),
  ];
}

function readGrants(claim: unknown): Verdict {
  const caches = isObject(claim) ? claim.caches : undefined;
  if (!isObject(caches)) {
    return { refusals: [`it lacks the claim ${grantsClaim} with its caches`], allows: [], remarks: [] };
  }
  const names = Object.keys(caches);
  const known = Object.entries(letters) as [Permission, string][];
  const refusals = names.flatMap((name) => {
    if (!cachePattern.test(name))
      return [`${shown(name)} is no cache's name or pattern, which voids all of it`];
    const given = caches[name];
    if (!isObject(given)) return [`what it says of ${name} is no object, which voids all of it`];
    return known.flatMap(([permission, letter]) =>
      given[letter] === undefined || given[letter] === 0 || given[letter] === 1
        ? []
        : [`${permission} on ${name} is ${shown(given[letter])} and not 0 or 1, which voids all of it`],
    );
  });
  const allows = names
    .map((name): Allowed => {
      const given = isObject(caches[name]) ? caches[name] : {};
      return { caches: name, permissions: permissions.filter((each) => given[letters[each]] === 1) };
    })
    .sort((a, b) => Number(isPattern(a.caches)) - Number(isPattern(b.caches)));
  const patterns = names.filter(isPattern);
  const hidden = patterns.flatMap((name, i) => {
    const earlier = patterns.slice(0, i).find((each) => covers(each, name));
    return earlier ? [`${name} counts for nothing: ${earlier} before it means the same caches`] : [];
  });
  const nothing = allows.some((each) => each.permissions.length > 0) ? [] : ["it allows nothing"];
  return { refusals, allows, remarks: [...hidden, ...nothing] };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as it may be shown: short, and on one line. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

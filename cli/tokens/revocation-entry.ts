import { tokenFragment } from "../../components/tokens/revocation.ts";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { stampFromNow } from "../time.ts";
import { findToken } from "./find.ts";
import { identify } from "./identify.ts";
import { type DecodedJwt, isSignedBy } from "./jwt.ts";
import type { RevocationEntry } from "./revocation-edit.ts";
import { endOfGeneration } from "./revocations.ts";
import { isRevoked } from "./revoked.ts";
import { hasDeclaredKey } from "./schedule.ts";
import { isTime } from "./verdict.ts";
import { tokenWords } from "./words.ts";

/** One of the stack's own tokens, as a person names it: `gitlab-main`, `gitlab-main@3` or `gitlab-main@3.1`. */
export interface TokenReference {
  name: string;
  generation?: number;
  issue?: number;
}

/** What a revocation comes to. */
export type Revocation =
  | {
      entry: RevocationEntry;
      /** The stack's own token, if it is one. */
      own?: Required<TokenReference>;
      /** What a person should know. */
      notes: string[];
    }
  | { nothing: string };

/** What stands for the end of a token that never ends; the schema wants one. */
const never = "9999-12-31T23:59:59Z";

/** Reads a reference; undefined when the text is none. */
export function tokenReference(text: string): TokenReference | undefined {
  const [match, name, generation, issue] =
    /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:@([1-9]\d{0,6})(?:\.(\d{1,6}))?)?$/.exec(text) ?? [];
  if (!match || !name) return undefined;
  return {
    name,
    ...(generation && { generation: Number(generation) }),
    ...(issue && { issue: Number(issue) }),
  };
}

/** What revoking one of the stack's own tokens comes to: the current one, unless a generation is said. */
export function revokeOwn(
  stack: OpenedStack,
  deployed: Deployed,
  reference: TokenReference,
  reason: string,
  now: Date,
): Revocation {
  const { config } = stack;
  const token = findToken(stack, deployed, reference.name);
  if (!hasDeclaredKey(config, reference.name, token)) {
    return { nothing: "the next update makes the signing key anew, which voids every token that there is" };
  }
  const generation = reference.generation ?? token.generation;
  const published = [token, token.previous].find((one) => one?.generation === generation);
  const own = { name: reference.name, generation, issue: reference.issue ?? published?.issue ?? 0 };
  if (generation > token.generation || own.issue > (published?.issue ?? own.issue)) {
    throw new CliError(
      EXIT.notFound,
      `there is no ${tokenWords(own)} yet`,
      `deployed is ${tokenWords({ ...own, ...token })}`,
    );
  }
  if (isListed(config, own)) return { nothing: `${tokenWords(own)} is revoked in the file already` };
  const ends = endOfGeneration(config, deployed, own.name, generation);
  if (ends !== undefined && ends <= seconds(now)) return { nothing: endedWords(tokenWords(own), ends, now) };
  const { name, issue } = own;
  return {
    entry: { token: name, generation, issue, ...(ends !== undefined && { expires: iso(ends) }), reason },
    own,
    notes:
      reference.generation === undefined && token.previous
        ? [
            `the generation before it is valid until ${token.previous.expires}, too: to revoke it, name ${tokenWords({ name, ...token.previous })}`,
          ]
        : [],
  };
}

/**
 * What revoking a JWT comes to.
 * @param force revoke it although the stack's key did not sign it
 */
export function revokeJwt(
  stack: OpenedStack,
  deployed: Deployed,
  jwt: DecodedJwt,
  { reason, force, now }: { reason: string; force: boolean; now: Date },
): Revocation {
  const { config } = stack;
  const signed = isSignedBy(jwt, deployed.publicKeyBase64);
  if (!signed && !force) {
    throw new CliError(
      EXIT.refused,
      `the key of stack ${stack.name} did not sign this token, so its server refuses it anyway`,
      "is it another stack's? --force revokes it all the same",
    );
  }
  const { exp } = jwt.payload;
  if (isTime(exp) && exp <= seconds(now)) return { nothing: endedWords("the token", exp, now) };
  if (isRevoked(config, jwt.text, now)) {
    return { nothing: "the token is revoked in the file already" };
  }
  const known = signed ? identify(jwt, config, deployed) : undefined;
  if (known) {
    const { name, generation, issue } = known;
    return revokeOwn(stack, deployed, { name, generation, issue }, reason, now);
  }
  return {
    entry: { fragment: fragmentOf(jwt), expires: isTime(exp) ? iso(exp) : never, reason },
    notes: isTime(exp)
      ? []
      : ["the token never ends, so its entry may never be removed, until the signing key is made anew"],
  };
}

function fragmentOf({ text }: DecodedJwt): string {
  try {
    return tokenFragment(text);
  } catch (error) {
    throw new CliError(EXIT.refused, (error as Error).message);
  }
}

function isListed({ tokens }: StackConfig, own: Required<TokenReference>): boolean {
  return tokens.revoked.some(
    ({ token, generation, issue }) =>
      token === own.name && generation === own.generation && issue === own.issue,
  );
}

const endedWords = (what: string, ended: Seconds, now: Date) =>
  `${what} ended by itself at ${stampFromNow(ended, seconds(now))}: there is nothing to revoke`;

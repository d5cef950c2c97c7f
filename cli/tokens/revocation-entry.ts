import { issueOf, tokenFragment } from "../../components/tokens/revocation.ts";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Deployed } from "../deployed.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { secondsOf, stampFromNow } from "../time.ts";
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
export type Revocation = Written | { nothing: string };

/** What is written into the file. */
export interface Written {
  entry: RevocationEntry & { expires: string };
  /** The stack's own token, if it is one. */
  own?: Required<TokenReference>;
  /** The entry that the file has already, and whose end is put off to the new one's: by then the token is valid still. */
  instead?: { index: number; expires: string };
  /** What a person should know. */
  notes: string[];
}

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

/**
 * What revoking one of the stack's own tokens comes to: the current one, unless a generation is said.
 * @param leaked when the very JWT ends, where it is at hand
 */
export function revokeOwn(
  stack: OpenedStack,
  deployed: Deployed,
  reference: TokenReference,
  { reason, now, leaked = 0 }: { reason: string; now: Date; leaked?: Seconds },
): Revocation {
  const { config } = stack;
  const { name } = reference;
  const token = findToken(stack, deployed, name);
  if (!hasDeclaredKey(config, name, token)) {
    return { nothing: "the next update makes the signing key anew, which voids every token that there is" };
  }
  const generation = reference.generation ?? token.generation;
  const published = [token, token.previous].find((one) => one?.generation === generation);
  const issue = reference.issue ?? published?.issue ?? supersededIssue(config, { name, generation }, now);
  const own = { name, generation, issue };
  if (generation > token.generation || issue > (published?.issue ?? issue)) {
    throw new CliError(
      EXIT.notFound,
      `there is no ${tokenWords(own)} yet`,
      `deployed is ${tokenWords({ ...own, ...token })}`,
    );
  }
  const ends = Math.max(endOfGeneration(deployed, name, generation, now) ?? 0, leaked);
  if (ends <= seconds(now)) return { nothing: endedWords(tokenWords(own), ends, now, " at the latest") };
  const entry = { token: name, generation, issue, expires: iso(ends), reason };
  const notes = [
    ...(reference.generation === undefined && token.previous
      ? [
          `the generation before it is valid until ${token.previous.expires}, too: to revoke it, name ${tokenWords({ name, ...token.previous })}`,
        ]
      : []),
    ...(reference.issue === undefined && !published && issue === issueOf(config, own) && issue > 0
      ? [
          `${tokenWords({ ...own, issue: issue - 1 })} is revoked in the file already, and this is the one that took its place, if it was made`,
        ]
      : []),
  ];
  const sure = published?.issue === issue ? secondsOf(published.expires) : 0;
  return inFile(config, { entry, own, notes }, tokenWords(own), Math.max(sure, leaked, seconds(now) + 1));
}

/**
 * Which issue of a superseded generation may be taken yet. Nobody remembers how many there were: one whose entry no longer
 * refuses it, else the last that can have been made.
 */
function supersededIssue(
  config: StackConfig,
  which: { name: string; generation: number },
  now: Date,
): number {
  const lapsed = config.tokens.revoked.find(
    ({ token, generation, expires }) =>
      token === which.name && generation === which.generation && expires && new Date(expires) <= now,
  );
  return lapsed?.issue ?? issueOf(config, which);
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
  const ends = isTime(exp) ? exp : secondsOf(never);
  if (ends <= seconds(now)) return { nothing: endedWords("the token", ends, now) };
  // Until its last moment: an entry may end before what it refuses.
  if (isRevoked(config, jwt.text, new Date(ends * 1000 - 1))) return { nothing: alreadyWords("the token") };
  const known = signed ? identify(jwt, config, deployed) : undefined;
  if (known) {
    const { name, generation, issue } = known;
    return revokeOwn(stack, deployed, { name, generation, issue }, { reason, now, leaked: ends });
  }
  const notes = isTime(exp)
    ? []
    : ["the token never ends, so its entry may never be removed, until the signing key is made anew"];
  return inFile(
    config,
    { entry: { fragment: fragmentOf(jwt), expires: iso(ends), reason }, notes },
    "the token",
    ends,
  );
}

/**
 * A revocation as the file needs it: the entry that has what it says already, if that lasts.
 * @param until until when at least the token can be taken
 */
function inFile({ tokens }: StackConfig, revocation: Written, what: string, until: Seconds): Revocation {
  const { token, generation, issue, fragment } = revocation.entry;
  const listed = tokens.revoked.flatMap((one, index) => {
    const same = fragment
      ? one.fragment === fragment
      : one.token === token && one.generation === generation && one.issue === issue;
    return same ? [{ index, expires: one.expires }] : [];
  });
  if (listed.some(({ expires }) => !expires || secondsOf(expires) >= until))
    return { nothing: alreadyWords(what) };
  const [early] = listed;
  return {
    ...revocation,
    ...(early?.expires && { instead: { index: early.index, expires: early.expires } }),
  };
}

function fragmentOf({ text }: DecodedJwt): string {
  try {
    return tokenFragment(text);
  } catch (error) {
    throw new CliError(EXIT.refused, (error as Error).message);
  }
}

const alreadyWords = (what: string) => `${what} is revoked in the file already`;

const endedWords = (what: string, ended: Seconds, now: Date, how = "") =>
  `${what} ended by itself at ${stampFromNow(ended, seconds(now))}${how}: there is nothing to revoke`;

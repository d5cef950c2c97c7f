import type { StackConfig } from "../../config/index.ts";
import { type Issue, tokenId } from "./claims.ts";

// The server takes a token until it ends. Revoking one means refusing it before it reaches the server, by how its
// payload begins. The payload is what was signed, so whoever holds the token can write it in no other way. The
// signature can be written in many: the server takes one with zeros in front of it, too (docs/leaked-token.md).
//
// A token arrives as `Bearer <token>`, or as the password of Basic authentication with any user name, where base64
// shows the payload in one of three ways.

type Revoked = StackConfig["tokens"]["revoked"][number];

/** Characters of a payload that stand for a token that the stack does not know by name: 48 bytes. */
const fragmentLength = 64;

/**
 * The piece that stands for a token: the beginning of its payload.
 * @throws Error when it is no JWT, or when other tokens may begin like it
 */
export function tokenFragment(token: string): string {
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) {
    throw new Error(
      "this is no token: a token is three parts of letters, digits, - and _ with dots between them",
    );
  }
  const fragment = (parts[1] as string).slice(0, fragmentLength);
  if (fragment.length < fragmentLength || !isUnique(Buffer.from(fragment, "base64url").toString())) {
    throw new Error(
      "this token cannot be told from others: it begins neither with its id nor with the times of its validity, " +
        "as those of this stack and of atticadm do; raise attic:tokens.signingKey.generation to void every token",
    );
  }
  return fragment;
}

/** Whether no two tokens begin like this: with an id, or valid from the same second to the same second. */
function isUnique(beginning: string): boolean {
  const time = (claim: string) => new RegExp(`"(${claim})":\\d+,`).test(beginning);
  return /"jti":"[^"]{16}/.test(beginning) || (time("exp") && time("nbf|iat"));
}

/** The piece that every token of one issue has, whatever it allowed: its payload up to the end of its id. */
export function idFragment(id: string): string {
  const beginning = `{"jti":"${id}`;
  // What shares a group of base64 with the text behind it is left out.
  const groups = Math.floor(beginning.length / 3);
  return Buffer.from(beginning)
    .toString("base64url")
    .slice(0, groups * 4);
}

/**
 * The texts of which a request's Authorization header contains one, if and only if it carries the token: the
 * piece behind its dot, and what base64 makes of that when 0, 1 or 2 characters of it belong to the group before.
 */
export function shapes(fragment: string): [plain: string, ...base64: string[]] {
  const text = `.${fragment}`;
  const behind = [0, 1, 2].map((skip) => {
    const whole = Math.floor((text.length - skip) / 3) * 3;
    return Buffer.from(text.slice(skip, skip + whole)).toString("base64");
  });
  return [text, ...behind];
}

/** The pieces of all tokens that are refused at a time; what has ended by itself is left out. */
export function revokedFragments({ tokens }: StackConfig, now: Date): string[] {
  const refused = tokens.revoked.filter(({ expires }) => !expires || new Date(expires) > now);
  return [...new Set(refused.map((entry) => fragmentOf(entry, tokens.signingKey.generation)))];
}

function fragmentOf({ fragment, token, generation, issue }: Revoked, signingKey: number): string {
  if (fragment) return fragment;
  return idFragment(tokenId({ name: token as string, signingKey, generation: generation as number, issue }));
}

/**
 * Traefik's rules for requests with a revoked token: one for each shape, with all tokens in it. All payloads begin
 * alike, so a sorted list of them is a tree with one trunk, and Go looks for the trunk before anything else. A
 * search for each token would take a hundred times as long (npm run bench -- --edge).
 */
export function refusals(config: StackConfig, now: Date): string[] {
  const tokens = revokedFragments(config, now).map(shapes);
  return (tokens[0] ?? []).map((_, shape) => {
    // A dot is the one character of them that a regular expression reads otherwise.
    const texts = tokens.map((token) => token[shape]?.replace(".", "\\.")).sort();
    return `HeaderRegexp(\`Authorization\`, \`${texts.join("|")}\`)`;
  });
}

/** The issue of a generation that takes the place of those that were revoked. */
export function issueOf(
  { tokens }: StackConfig,
  { name, generation }: Pick<Issue, "name" | "generation">,
): number {
  const gone = tokens.revoked
    .filter((entry) => entry.token === name && entry.generation === generation)
    .map(({ issue }) => issue);
  let issue = 0;
  while (gone.includes(issue)) issue++;
  return issue;
}

import type { StackConfig } from "../../config/index.ts";
import { type Issue, tokenId } from "./claims.ts";

// The server takes a token until it ends. Revoking one means refusing it before it reaches the server, by a piece
// of it that no other token has. A token arrives as `Bearer <token>`, or as the password of Basic authentication
// with any user name, where base64 shows the piece in one of three ways.

type Revoked = StackConfig["tokens"]["revoked"][number];

/** Characters of the signature that stand for a token: 240 bits that nobody can make another token with. */
const fragmentLength = 40;

/**
 * The piece that stands for a token: of its signature's middle, since the last character of a signature can be
 * written in several ways.
 * @throws Error when it is no JWT with an RSA signature
 */
export function signatureFragment(token: string): string {
  const [, , signature = "", ...more] = token.split(".");
  if (more.length > 0 || !/^[A-Za-z0-9_-]{128,}$/.test(signature)) {
    throw new Error(
      "this is no token: a token is three parts of letters, digits, - and _ with dots between them",
    );
  }
  const start = Math.floor((signature.length - fragmentLength) / 2);
  return signature.slice(start, start + fragmentLength);
}

/**
 * The piece that every token of one issue has, whatever it allowed: its id, as the payload begins with it. What
 * shares a group of base64 with the text around it is left out.
 */
export function idFragment(id: string): string {
  const before = '{"jti":"';
  const payload = Buffer.from(`${before}${id}`).toString("base64url");
  const first = Math.ceil(before.length / 3);
  const last = Math.floor((before.length + id.length) / 3);
  return payload.slice(first * 4, last * 4);
}

/**
 * The texts of which a request's Authorization header contains one, if and only if it carries the token: the
 * piece itself, and what base64 makes of it behind 0, 1 or 2 characters of a group.
 */
export function shapes(fragment: string): string[] {
  const aligned = [0, 1, 2].map((offset) => {
    const skip = (3 - offset) % 3;
    const whole = Math.floor((fragment.length - skip) / 3) * 3;
    return Buffer.from(fragment.slice(skip, skip + whole)).toString("base64");
  });
  return [fragment, ...aligned];
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

/** Traefik's rules for requests with a revoked token, one for each token. */
export function refusals(config: StackConfig, now: Date): string[] {
  return revokedFragments(config, now).map((fragment) =>
    shapes(fragment)
      .map((text) => `HeaderRegexp(\`Authorization\`, \`${text.replaceAll("+", "\\+")}\`)`)
      .join(" || "),
  );
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

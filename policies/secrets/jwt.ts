/** Where Attic looks for what a token allows. */
const CLAIM = "https://jwt.attic.rs/v1";

/** What a token of Attic says, as far as policies ask. */
export interface AtticToken {
  /** Its kind and name, `ci/gitlab-main`. */
  subject: string;
  /** How long it is valid, in seconds; undefined where it never ends, or nobody knows since when it is valid. */
  seconds: number | undefined;
  /** The permissions, in the claim's own letters, by cache or pattern. */
  grants: Record<string, string[]>;
}

/** The tokens of Attic in a text; JWTs of others are left out. */
export function atticTokens(text: string): AtticToken[] {
  return [...text.matchAll(/\beyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g)].flatMap(([, payload]) => {
    const token = read(payload as string);
    return token ? [token] : [];
  });
}

function read(payload: string): AtticToken | undefined {
  let claims: Record<string, unknown>;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  } catch {
    return undefined;
  }
  const allowed = claims[CLAIM] as { caches?: Record<string, Record<string, unknown>> } | undefined;
  if (!allowed) return undefined;
  const { exp, nbf, iat = nbf, sub } = claims as Record<string, number>;
  return {
    subject: String(sub ?? ""),
    seconds: typeof exp === "number" && typeof iat === "number" ? exp - iat : undefined,
    grants: Object.fromEntries(
      Object.entries(allowed.caches ?? {}).map(([cache, given]) => [
        cache,
        Object.keys(given).filter((permission) => given[permission] === 1),
      ]),
    ),
  };
}

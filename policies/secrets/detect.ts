/** A text, or a piece of one, that nobody else may know. */
interface Detector {
  /** What it is, as a message says it. */
  what: string;
  pattern: RegExp;
}

/** What is recognized by its form alone, wherever it stands. */
const FORMS: readonly Detector[] = [
  { what: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { what: "a JWT", pattern: /\beyJ[\w-]{8,}\.ey[\w-]{4,}\.[\w-]{16,}/ },
  { what: "a Nix signing key", pattern: /(?:^|[\s"'=])[\w.+-]+:[A-Za-z0-9+/]{86}==/ },
  { what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: "a GitLab token", pattern: /\bgl(?:pat|rt|dt|ptt|cbt)-[\w-]{20,}/ },
  { what: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})/ },
  { what: "a Pulumi token", pattern: /\bpul-[0-9a-f]{40}\b/ },
  { what: "a Vault token", pattern: /\bhv[sb]\.[\w-]{24,}/ },
  { what: "a Slack token", pattern: /\bxox[abeprs]-[\w-]{10,}/ },
  { what: "an age key", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/ },
  // Whatever stands for the password is fine: $PASSWORD, <password>, {{ .password }}, %s, ****.
  { what: "a URL with a password", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:(?![$<{%*])[^\s/@"']+@/i },
  {
    what: "a netrc entry with a password",
    pattern: /\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?![$<{%*])\S{8,}/,
  },
  {
    what: "a password",
    pattern:
      /(?:^|[\s,;?&"'{-])[\w.-]*(?:password|passwd|client[-_]?secret|secret[-_]?access[-_]?key|api[-_]?key)["']?\s*[=:]\s*["']?(?![$<{%*/])[^\s"',;&]{8,}/i,
  },
];

/** Names of what holds a secret; not of what tells where one is, or of what is public. */
const SECRET_NAMES: readonly RegExp[] = [
  /(?:PASSWORD|PASSWD|PASSPHRASE)$/i,
  /(?:^|[_.-])(?:SECRET|TOKEN|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY)$/i,
  // In camelCase a secret is mostly the name of a Secret, as in existingSecret.
  /[a-z\d](?:Token|PrivateKey|A[Pp][Ii]Key|AccessKey)$|^secret(?:Key|String)$|(?:client|cookie|shared)Secret$/,
];

/** Names of what says in which Secret a secret is. */
const REFERENCE = /^(?:existing|image[_-]?pull)/i;

/** Values under such a name that are none: references, paths, placeholders, switches. */
const NO_SECRET = /^$|^[$<{%*/]|^(?:true|false|none|null|\d+)$/i;

/** What a text holds that nobody may know; undefined when nothing is recognized. */
export function secretIn(text: string): string | undefined {
  const found = FORMS.find(({ pattern }) => pattern.test(text));
  if (found) return found.what;
  for (const [blob] of text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)) {
    const decoded = Buffer.from(blob, "base64").toString("latin1");
    if (FORMS[0]?.pattern.test(decoded)) return "a private key in base64";
  }
  return undefined;
}

/** The same for a value with a name, which says a good deal about what it is. */
export function secretNamed(name: string, text: string): string | undefined {
  const named = SECRET_NAMES.some((pattern) => pattern.test(name)) && !REFERENCE.test(name);
  return secretIn(text) ?? (named && !NO_SECRET.test(text) ? "a secret by its name" : undefined);
}

/**
 * Whether a text looks like random bytes in base64. Other things do too, so ask it only of what people write, such
 * as arguments; hexadecimal digits, as in checksums, do not.
 */
export function isRandom(text: string): boolean {
  if (!/^[A-Za-z0-9+/_-]{32,}={0,2}$/.test(text)) return false;
  if (![/[a-z]/, /[A-Z]/].every((kind) => kind.test(text))) return false;
  // Names in CamelCase have a digit or two; of random characters every sixth is one.
  if (text.replaceAll(/\D/g, "").length * 16 < text.length) return false;
  return entropy(text) > 4.3;
}

/** Bits for each character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}

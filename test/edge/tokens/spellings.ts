import type { KeyObject } from "node:crypto";

/** One way to present a token. */
export interface Spelling {
  what: string;
  /** The values of the headers Authorization, in their order. */
  headers: string[];
  /**
   * Whether the server takes the token out of it. All rows were given to the server's own code at commit b7c9056
   * (`attic_token::util::parse_authorization_header` of the first header, then `Token::from_jwt`).
   */
  taken: boolean;
}

/** How somebody who holds a token may try to present it, whether or not the server takes it. */
export function spellings(token: string, publicKey: KeyObject): Spelling[] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const signed = (bytes: Buffer) => `${header}.${payload}.${bytes.toString("base64url")}`;
  const raw = Buffer.from(signature, "base64url");
  const modulus = number(Buffer.from(publicKey.export({ format: "jwk" }).n as string, "base64url"));
  const basic = (user: string, password = token) => base64(`${user}:${password}`);
  const someone = basic("a");

  const taken = (what: string, ...headers: string[]) => ({ what, headers, taken: true });
  const refused = (what: string, ...headers: string[]) => ({ what, headers, taken: false });
  return [
    taken("a bearer token", `Bearer ${token}`),
    taken("the scheme in lower case", `bearer ${token}`),
    taken("the scheme in any case", `bEaReR ${token}`),
    taken("as a password", `Basic ${basic("nix")}`),
    taken("as a password, the scheme in lower case", `basic ${basic("nix")}`),
    taken("as a password, the scheme in upper case", `BASIC ${basic("nix")}`),
    ...[
      "",
      "a",
      "ab",
      "abc",
      "abcd",
      "abcde",
      "ä",
      "空",
      "🦀",
      "a b",
      "?>?>~",
      "\0",
      "\r\n",
      "u".repeat(300),
    ].map((user) => taken(`as the password of ${JSON.stringify(user)}`, `Basic ${basic(user)}`)),
    taken("as the first of two headers", `Bearer ${token}`, "Bearer none"),
    taken("as a password in the first of two headers", `Basic ${basic("nix")}`, "Bearer a.b.c"),
    taken("with a zero in front of the signature", `Bearer ${signed(Buffer.concat([Buffer.alloc(1), raw]))}`),
    taken("with two zeros in front of it", `Bearer ${signed(Buffer.concat([Buffer.alloc(2), raw]))}`),
    taken("with the modulus added to it", `Bearer ${signed(bytes(number(raw) + modulus))}`),
    taken("with ten times the modulus added to it", `Bearer ${signed(bytes(number(raw) + 10n * modulus))}`),
    taken(
      "with the modulus added to it, as a password",
      `Basic ${basic("nix", signed(bytes(number(raw) + modulus)))}`,
    ),

    refused("as the second of two headers", "Bearer none", `Bearer ${token}`),
    refused("without a scheme", token),
    refused("under another scheme", `Token ${token}`),
    refused("two spaces behind the scheme", `Bearer  ${token}`),
    refused("a tab behind the scheme", `Bearer\t${token}`),
    refused("a tab behind the scheme, as a password", `Basic\t${someone}`),
    refused("two spaces behind the scheme, as a password", `Basic  ${someone}`),
    refused("in quotes", `Bearer "${token}"`),
    refused("in a list", `Bearer none, Bearer ${token}`),
    refused("with padding", `Bearer ${token}=`),
    refused("with padding in the payload", `Bearer ${header}.${payload}==.${signature}`),
    refused("in the standard alphabet", `Bearer ${token.replaceAll("-", "+").replaceAll("_", "/")}`),
    refused("with dots escaped", `Bearer ${token.replaceAll(".", "%2E")}`),
    refused("with a dot at its end", `Bearer ${token}.`),
    refused("with a space in it", `Bearer ${header}.${payload}. ${signature}`),
    refused("with other bits behind the signature's last", `Bearer ${lastBits(token)}`),
    refused(
      "with its header in other words",
      `Bearer ${base64url('{"alg": "RS256"}')}.${payload}.${signature}`,
    ),
    refused("as a user's name", `Basic ${base64(`${token}:`)}`),
    refused("as a password without a user", `Basic ${base64(token)}`),
    refused("as a password that a colon is in", `Basic ${basic("a:b")}`),
    refused("as a password with a space in front", `Basic ${basic("a", ` ${token}`)}`),
    refused("as a password with a newline behind", `Basic ${basic("a", `${token}\n`)}`),
    refused("as a password with padding", `Basic ${basic("a", `${token}=`)}`),
    refused("as a password in base64 twice", `Basic ${basic("a", base64(token))}`),
    refused("as a password of a user in Latin-1", `Basic ${latin1(`ä:${token}`)}`),
    refused("as a password, a line of 76 at a time", `Basic ${someone.replaceAll(/.{76}/g, "$& ")}`),
    refused("as a password, one part of base64 behind the other", `Basic ${base64("a:")}${base64(token)}`),
    refused("as a password with too much padding", `Basic ${someone}=`),
    refused("as a password without padding", `Basic ${unpadded(basic)}`),
    refused("as a password in the alphabet of URLs", `Basic ${basic("?>?>~").replaceAll("/", "_")}`),
  ];
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const base64url = (text: string) => Buffer.from(text).toString("base64url");
const latin1 = (text: string) => Buffer.from(text, "latin1").toString("base64");

const number = (big: Buffer) => BigInt(`0x${big.toString("hex")}`);
const bytes = (big: bigint) => {
  const hex = big.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
};

/** The same bytes under a decoder that does not look at the bits that stand for none. */
function lastBits(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) + 1];
}

/** With a user whose header would end in padding. */
function unpadded(basic: (user: string) => string): string {
  const padded = ["", "a", "ab"].map(basic).find((text) => text.endsWith("=")) as string;
  return padded.replace(/=+$/, "");
}

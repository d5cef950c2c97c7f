import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { describe, expect, test } from "vitest";
import { base64, configuration, type Given, isReal, newFolder, runServer, signingKey } from "./server.ts";

const key = "ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64";
const secret = "ATTIC_SERVER_TOKEN_RS256_SECRET_BASE64";
const shared = "ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64";
const url = "ATTIC_SERVER_DATABASE_URL";
const mode = ["--mode", "check-config"];

const folder = newFolder();
const base = configuration(folder);
/** The text with tables and keys replaced; undefined removes one. */
const changed = (changes: Record<string, unknown>) => {
  const all = { ...parse(base), ...changes };
  return stringify(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
};
const chunking = { "nar-size-threshold": 1, "min-size": 1, "avg-size": 2, "max-size": 3 };
const collected = (interval: unknown) => changed({ "garbage-collection": { interval } });
const publicKey = base64(signingKey.publicKeyPem);
const signed = (signing: object) => ({ toml: changed({ jwt: { signing } }), without: [key] });
const fromEnv = (env: Record<string, string>) => ({ toml: base, env: { [key]: "", ...env } });
const rsa = (type: "pkcs1" | "pkcs8") => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return base64(privateKey.export({ type, format: "pem" }) as string);
};
const pkcs1 = base64(
  generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
    type: "pkcs1",
    format: "pem",
  }) as string,
);
const ec = base64(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
    type: "spki",
    format: "pem",
  }) as string,
);

const cases: [what: string, code: number, given: Given][] = [
  ["a complete configuration", 0, { toml: base }],
  ["a database's URL that is none, which nobody looks at", 0, { toml: base, env: { [url]: "nonsense" } }],
  ["an empty URL", 0, { toml: base, env: { [url]: "" } }],
  ["no URL of a database", 101, { toml: base, without: [url] }],
  ["a URL in the file alone", 0, { toml: changed({ database: { url: "x" } }), without: [url] }],
  ["no table for the database", 1, { toml: changed({ database: undefined }) }],
  ["no table for the storage", 1, { toml: changed({ storage: undefined }) }],
  ["no table for chunking", 1, { toml: changed({ chunking: undefined }) }],
  ["a key that is not known", 1, { toml: changed({ lisen: "127.0.0.1:1" }) }],
  ["a key in another case", 1, { toml: changed({ Listen: "127.0.0.1:1" }) }],
  ["a key that is not known in a table", 0, { toml: changed({ database: { heartbeet: true } }) }],
  ["a table that is not known", 1, { toml: changed({ metrics: {} }) }],
  ["no TOML", 1, { toml: "listen = " }],
  ["a host's name to listen on", 1, { toml: changed({ listen: "localhost:8080" }) }],
  ["an address of IPv6", 0, { toml: changed({ listen: "[::1]:8080" }) }],
  ["an address without a port", 1, { toml: changed({ listen: "127.0.0.1" }) }],
  ["a number in the place of a text", 1, { toml: changed({ "api-endpoint": 1 }) }],
  ["a text in the place of a switch", 1, { toml: changed({ "soft-delete-caches": "true" }) }],
  ["a size below 0", 1, { toml: changed({ "max-nar-info-size": -1 }) }],
  ["a text among the sizes", 1, { toml: changed({ chunking: { ...chunking, "min-size": "1" } }) }],
  ["a chunking size too few", 1, { toml: changed({ chunking: { ...chunking, "max-size": undefined } }) }],
  ["hosts that are no list", 1, { toml: changed({ "allowed-hosts": "a" }) }],
  ["a host that is no text", 1, { toml: changed({ "allowed-hosts": ["a", 1] }) }],
  ["a storage of no type", 1, { toml: changed({ storage: { path: "/x" } }) }],
  ["a storage of another type", 1, { toml: changed({ storage: { type: "S3" } }) }],
  ["a folder without a path", 1, { toml: changed({ storage: { type: "local" } }) }],
  ["a bucket", 0, { toml: changed({ storage: { type: "s3", region: "a", bucket: "b" } }) }],
  ["a bucket without a region", 1, { toml: changed({ storage: { type: "s3", bucket: "b" } }) }],
  [
    "half of a bucket's keys",
    1,
    {
      toml: changed({
        storage: { type: "s3", region: "a", bucket: "b", credentials: { access_key_id: "a" } },
      }),
    },
  ],
  ...["none", "brotli", "zstd", "xz"].map((type): [string, number, Given] => [
    `compression with ${type}`,
    0,
    { toml: changed({ compression: { type, level: 3 } }) },
  ]),
  ["compression of no type", 1, { toml: changed({ compression: { level: 3 } }) }],
  ["compression with gzip", 1, { toml: changed({ compression: { type: "gzip" } }) }],
  ["a level that is no whole number", 1, { toml: changed({ compression: { type: "zstd", level: "3" } }) }],
  ...["0", "0s", "12h", "7 days", "1h 30m", "1h30m", "2weeks", "1M", "1month", "1y", "100ms", "5min"].map(
    (span): [string, number, Given] => [`the span "${span}"`, 0, { toml: collected(span) }],
  ),
  ...["", "1", "12", "h", "1x", "-1h", "1 fortnight", "1H", "12h 3"].map((span): [string, number, Given] => [
    `the span "${span}"`,
    1,
    { toml: collected(span) },
  ]),
  ["a span that is a number", 1, { toml: collected(0) }],
  ["no key for tokens", 101, { toml: base, without: [key] }],
  ["an empty key, as if there were none", 101, fromEnv({})],
  ["an empty key beside another", 0, fromEnv({ [shared]: base64("x".repeat(32)) })],
  ["a public key in PKCS #1", 0, fromEnv({ [key]: pkcs1 })],
  ["a public key with a line end", 101, fromEnv({ [key]: `${publicKey}\n` })],
  ["a public key in lines", 101, fromEnv({ [key]: publicKey.replace(/.{76}/g, "$&\n") })],
  ["a public key that is not in base64", 101, fromEnv({ [key]: signingKey.publicKeyPem })],
  ["a key of an elliptic curve", 101, fromEnv({ [key]: ec })],
  ["a private key in place of a public one", 101, fromEnv({ [key]: rsa("pkcs8") })],
  ["a private key in PKCS #1", 0, fromEnv({ [secret]: rsa("pkcs1") })],
  ["a private key in PKCS #8", 0, fromEnv({ [secret]: rsa("pkcs8") })],
  ["a shared secret that is not in base64", 101, fromEnv({ [shared]: "%" })],
  ["a key in the file", 0, signed({ "token-rs256-pubkey-base64": publicKey })],
  ["a bad key in the file", 1, signed({ "token-rs256-pubkey-base64": "x" })],
  [
    "two keys in the file",
    1,
    signed({ "token-rs256-pubkey-base64": publicKey, "token-hs256-secret-base64": base64("x") }),
  ],
  ["a key of another kind in the file", 1, signed({ "token-es256-secret-base64": base64("x") })],
  ["no key in the file's table for it", 1, signed({})],
  [
    "the table of tokens without a key",
    101,
    { toml: changed({ jwt: { "token-bound-issuer": "x" } }), without: [key] },
  ],
  ["the key where it was long ago", 1, { toml: changed({ "token-hs256-secret-base64": base64("x") }) }],
  ["a file that is not there", 1, { args: ["-f", join(folder, "none.toml")] }],
  ["the file in the environment", 0, { env: { ATTIC_SERVER_CONFIG_BASE64: base64(base) } }],
  ["a broken file in the environment", 1, { env: { ATTIC_SERVER_CONFIG_BASE64: base64("x") } }],
];

test.each(cases)("%s ends with %i", async (_, code, { args = [], ...given }) => {
  const { code: found, log } = await runServer({ ...given, args: [...args, ...mode] });
  expect(found, log).toBe(code);
});

describe("of the arguments", () => {
  test.each([
    ["the long name", ["--mode=check-config"], 0],
    ["an address", [...mode, "-l", "127.0.0.1:8080"], 0],
    ["an address that is attached", [...mode, "-l127.0.0.1:8080"], 0],
    ["a host's name", [...mode, "--listen", "localhost:8080"], 2],
    ["a mode that is not known", ["--mode", "collector"], 2],
    ["an argument that is not known", [...mode, "--verbose"], 2],
    ["an argument without its value", ["--mode"], 2],
    ["an argument twice", [...mode, ...mode], 2],
    ["a word", [...mode, "word"], 2],
    ["help", ["--help"], 0],
    ["version", ["--version"], 0],
  ])("%s ends as the real server's does", async (_, args, code) => {
    const { code: found, log } = await runServer({ toml: base, args });
    expect(found, log).toBe(code);
  });
});

test.skipIf(isReal)("the first line of the log says that it is a double, and no Attic", async () => {
  const { log } = await runServer({ toml: base, args: mode });
  expect(log.split("\n")[0]).toMatch(/^attic-double .* is no Attic$/);
});

import { createSecretKey, randomBytes } from "node:crypto";
import jwt from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testKey } from "../../support/keys.ts";
import { ask, claimName, makeCache, tokenFor } from "./client.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import { base64, migratedDatabase, type Server, signingKey, startServer, type Table } from "./server.ts";

const seconds = () => Math.floor(Date.now() / 1000);
const pulls = { "dev-a": { r: 1 } };

describe.skipIf(missing)("a token", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  let server: Server;

  beforeAll(async () => {
    postgres = await startPostgres();
    env = await migratedDatabase(postgres, "tokens");
    server = await startServer({ env });
    await makeCache(server, "dev-a");
    await makeCache(server, "open", { is_public: true });
  });
  afterAll(async () => {
    await postgres?.stop();
  });

  const path = "/dev-a/nix-cache-info";
  const statusOf = async (authorization: string | undefined, at = path, of = server) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    return (await ask(of, { path: at, headers })).status;
  };
  const bearer = (token: string) => `Bearer ${token}`;
  const other = (changes: Table, variables: Record<string, string> = {}) =>
    startServer({ env: { ...env, ...variables }, changes });

  test.each<[string, string | undefined, number]>([
    ["none", undefined, 401],
    ["a bearer's", bearer(tokenFor(pulls)), 200],
    ["in another case", `bEaReR ${tokenFor(pulls)}`, 200],
    ["a password", `Basic ${base64(`somebody:${tokenFor(pulls)}`)}`, 200],
    ["a password of nobody", `basic ${base64(`:${tokenFor(pulls)}`)}`, 200],
    ["a user without a password", `Basic ${base64(tokenFor(pulls))}`, 401],
    ["behind two spaces", `Bearer  ${tokenFor(pulls)}`, 401],
    ["by itself", tokenFor(pulls), 401],
  ])("%s is taken as the server takes it", async (_, authorization, status) => {
    expect(await statusOf(authorization)).toBe(status);
  });

  test.each<[string, object, number]>([
    ["without a subject", { sub: undefined }, 200],
    ["with a subject that is a number", { sub: 1 }, 401],
    ["that runs out", { exp: seconds() + 3600 }, 200],
    ["that ran out", { exp: seconds() - 2 }, 401],
    ["that ran out at a text", { exp: "4000000000" }, 401],
    ["that is not valid yet", { nbf: seconds() + 60 }, 401],
    ["that is valid since", { nbf: seconds() - 1 }, 200],
    ["that was issued in the future", { iat: seconds() + 60 }, 401],
    ["of any issuer", { iss: "x" }, 200],
    ["for anybody", { aud: ["x", "y"] }, 200],
    ["with a claim that nobody knows", { other: { a: [1] } }, 200],
    ["without what it grants", { [claimName]: undefined }, 401],
    ["with nothing granted", { [claimName]: {} }, 401],
  ])("%s", async (_, claims, status) => {
    expect(await statusOf(bearer(tokenFor(pulls, claims)))).toBe(status);
  });

  test.each<[string, Record<string, Record<string, unknown>>, number]>([
    ["the cache's name", { "dev-a": { r: 1 } }, 200],
    ["a pattern", { "dev-*": { r: 1 } }, 200],
    ["a pattern in the middle", { "d*-a": { r: 1 } }, 200],
    ["every cache", { "*": { r: 1 } }, 200],
    ["a pattern that does not fit", { "dev-*-b": { r: 1 } }, 401],
    ["another cache", { "dev-b": { r: 1 } }, 401],
    ["something else", { "dev-a": { w: 1 } }, 403],
    ["0", { "dev-a": { r: 0 } }, 401],
    ["the name after a pattern", { "*": { w: 1 }, "dev-a": { r: 1 } }, 200],
    ["a name that says less than a pattern", { "*": { r: 1 }, "dev-a": { w: 1 } }, 403],
    ["the first pattern", { "dev-*": { w: 1 }, "*": { r: 1 } }, 403],
    ["the first pattern, whichever it is", { "*": { r: 1 }, "dev-*": { w: 1 } }, 200],
    ["true", { "dev-a": { r: true } }, 401],
    ["2", { "dev-a": { r: 2 } }, 401],
    ["a text", { "dev-a": { r: "1" } }, 401],
    ["null", { "dev-a": { r: null } }, 401],
    ["a permission that nobody knows", { "dev-a": { r: 1, zz: "x" } }, 200],
    ["a question mark in a name", { "dev-a": { r: 1 }, "x?": { r: 1 } }, 401],
    ["a name of 51 letters", { "dev-a": { r: 1 }, ["x".repeat(51)]: { r: 1 } }, 401],
    ["an empty name", { "dev-a": { r: 1 }, "": { r: 1 } }, 401],
    ["true for another cache", { "dev-a": { r: 1 }, other: { w: true } }, 401],
  ])("that grants %s", async (_, caches, status) => {
    expect(await statusOf(bearer(tokenFor(caches)))).toBe(status);
  });

  test("that is bad counts as none: a public cache is open to it", async () => {
    expect(await statusOf(bearer("nonsense"), "/open/nix-cache-info")).toBe(200);
    expect(await statusOf(bearer(tokenFor({ open: { r: true } })), "/open/nix-cache-info")).toBe(200);
  });

  test("that grants a cache which is not there is told so, and another is not", async () => {
    expect(await statusOf(bearer(tokenFor({ none: { r: 1 } })), "/none/nix-cache-info")).toBe(404);
    expect(await statusOf(bearer(tokenFor(pulls)), "/none/nix-cache-info")).toBe(401);
  });

  const payload = { [claimName]: { caches: pulls } };
  test.each<[string, () => string, number]>([
    ["another key", () => jwt.sign(payload, testKey("other").privateKeyPem, { algorithm: "RS256" }), 401],
    ["RS512", () => jwt.sign(payload, signingKey.privateKeyPem, { algorithm: "RS512" }), 401],
    ["a secret that is the public key", () => hmac(signingKey.publicKeyPem), 401],
    ["nothing", () => jwt.sign(payload, "", { algorithm: "none" }), 401],
    ["a header of no type", () => tokenFor(pulls, {}, { typ: undefined }), 200],
    ["a header of another type", () => tokenFor(pulls, {}, { typ: "JOSE" }), 401],
    ["a header of a type in lower case", () => tokenFor(pulls, {}, { typ: "jwt" }), 200],
    ["a key id", () => tokenFor(pulls, {}, { kid: "x" }), 200],
  ])("signed with %s", async (_, token, status) => {
    expect(await statusOf(bearer(token()))).toBe(status);
  });

  const hmac = (secret: string) =>
    jwt.sign(payload, createSecretKey(Buffer.from(secret)), { algorithm: "HS256", noTimestamp: true });

  test("with a character more, or one less, is none", async () => {
    const token = tokenFor(pulls);
    for (const bad of [
      `${token}A`,
      token.slice(0, -1),
      `${token}=`,
      `${token} `.replace(" ", "%20"),
      `.${token}`,
    ]) {
      expect(await statusOf(bearer(bad)), bad.slice(-10)).toBe(401);
    }
  });

  test("of a shared secret", async () => {
    const secret = randomBytes(32);
    const shared = await other({
      jwt: { signing: { "token-hs256-secret-base64": secret.toString("base64") } },
    });
    const hs256 = jwt.sign(payload, secret, { algorithm: "HS256", noTimestamp: true });
    expect(await statusOf(bearer(hs256), path, shared)).toBe(200);
    expect(await statusOf(bearer(tokenFor(pulls)), path, shared)).toBe(401);
    expect(await statusOf(bearer(jwt.sign(payload, secret, { algorithm: "HS512" })), path, shared)).toBe(401);
  });

  test("of a private key that the server has", async () => {
    const variables = {
      ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64: "",
      ATTIC_SERVER_TOKEN_RS256_SECRET_BASE64: base64(signingKey.privateKeyPem),
    };
    expect(await statusOf(bearer(tokenFor(pulls)), path, await other({}, variables))).toBe(200);
  });

  test("is bound to an issuer and to audiences where these are configured", async () => {
    const bound = await other({ jwt: { "token-bound-issuer": "us", "token-bound-audiences": ["a", "b"] } });
    const status = (claims: object) => statusOf(bearer(tokenFor(pulls, claims)), path, bound);
    expect(await status({ iss: "us", aud: "a" })).toBe(200);
    expect(await status({ iss: "us", aud: ["x", "b"] })).toBe(200);
    expect(await status({ iss: "us", aud: ["x"] })).toBe(401);
    expect(await status({ iss: "us" })).toBe(401);
    expect(await status({ iss: "them", aud: "a" })).toBe(401);
    expect(await status({ aud: "a" })).toBe(401);
  });

  test("is void whatever its audience is where the list of audiences is empty", async () => {
    const bound = await other({ jwt: { "token-bound-audiences": [] } });
    for (const claims of [{}, { aud: "a" }, { aud: [] }]) {
      expect(await statusOf(bearer(tokenFor(pulls, claims)), path, bound)).toBe(401);
    }
  });
});

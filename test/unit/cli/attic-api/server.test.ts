import { once } from "node:events";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import jwt from "jsonwebtoken";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AtticServer, type StubOptions, startAtticServer } from "../../../support/attic-server.ts";
import { testKey } from "../../../support/keys.ts";

// The stub that other tests trust. What is expected here was seen on a running server.

const now = new Date("2026-11-21T08:00:00Z");
const time = now.getTime() / 1000;
const { privateKeyPem, publicKeyPem } = testKey("stub's signing key");

/** A token as any program could make it. */
function token(caches: unknown, claims: object = {}, options: jwt.SignOptions = {}): string {
  const payload = { "https://jwt.attic.rs/v1": { caches }, exp: time + 600, nbf: time, ...claims };
  const noTimestamp = !("iat" in claims);
  return jwt.sign(payload, privateKeyPem, { algorithm: "RS256", noTimestamp, ...options });
}

let server: AtticServer;
const start = async (options: Partial<StubOptions> = {}) => {
  server = await startAtticServer({ publicKey: publicKeyPem, now: () => now, ...options });
  for (const [name, is_public] of [
    ["main", false],
    ["public", true],
  ] as const) {
    const keypair = `${name}:${Buffer.alloc(64, 7).toString("base64")}`;
    const rest = { store_dir: "/nix/store", priority: 41, upstream_cache_key_names: [] };
    server.caches.set(name, { keypair, is_public, retention_period: null, ...rest });
  }
};

beforeEach(() => start());
afterEach(() => server.stop());

/** The status, and the name of the error where there is one. */
async function outcome(path: string, authorization?: string, init: RequestInit = {}): Promise<string> {
  const headers = { ...(authorization && { authorization }), ...(init.headers as Record<string, string>) };
  const response = await fetch(new URL(path, server.url), { ...init, headers });
  const body = await response.text();
  const error = body.startsWith("{") ? (JSON.parse(body) as { error?: string }).error : undefined;
  return [response.status, error].filter(Boolean).join(" ");
}

const read = (authorization?: string, cache = "main") =>
  outcome(`_api/v1/cache-config/${cache}`, authorization);
const bearer = (...args: Parameters<typeof token>) => `Bearer ${token(...args)}`;

describe("whoever reads a cache", () => {
  test.each([
    ["without a token, a public one", "public", undefined, "200"],
    ["without a token, a private one", "main", undefined, "401 Unauthorized"],
    ["without a token, one that is not there", "absent", undefined, "401 Unauthorized"],
    ["with a token that pulls", "main", { main: { r: 1 } }, "200"],
    ["with a token that pulls, one that is not there", "absent", { absent: { r: 1 } }, "404 NoSuchCache"],
    ["with a token for something else", "main", { main: { w: 1 } }, "403 AccessError"],
    ["with a token for another cache", "main", { other: { r: 1 } }, "401 Unauthorized"],
    ["with a token for nothing", "main", { main: { r: 0 } }, "401 Unauthorized"],
  ])("%s", async (_, cache, caches, expected) => {
    expect(await read(caches && bearer(caches), cache)).toBe(expected);
  });

  test.each([
    ["the exact name before a pattern", { "*": { w: 1 }, main: { r: 1 } }, "200"],
    ["the exact name's permissions alone", { "*": { r: 1 }, main: { w: 1 } }, "403 AccessError"],
    ["the first pattern that fits", { "m*": { r: 1 }, "*": { w: 1 } }, "200"],
    ["not the narrowest one", { "*": { w: 1 }, "m*": { r: 1 } }, "403 AccessError"],
    ["a star inside", { "m*n": { r: 1 } }, "200"],
    ["no question mark: the token is void", { "m?in": { r: 1 }, main: { r: 1 } }, "401 Unauthorized"],
    ["no bad pattern beside a good one", { main: { r: 1 }, "-x": { r: 1 } }, "401 Unauthorized"],
    ["no true for 1", { main: { r: true } }, "401 Unauthorized"],
    ["no 2 for 1", { main: { r: 2 } }, "401 Unauthorized"],
    ["permissions that nobody knows, which are left out", { main: { r: 1, zz: "x" } }, "200"],
  ])("is granted by %s", async (_, caches, expected) => {
    expect(await read(bearer(caches))).toBe(expected);
  });

  test.each([
    ["that ended a second ago", { exp: time - 1 }, "401 Unauthorized"],
    ["that begins in a second", { nbf: time + 1 }, "401 Unauthorized"],
    ["that was issued in a second", { iat: time + 1 }, "401 Unauthorized"],
    ["that begins now", { nbf: time, iat: time }, "200"],
  ])("with a token %s", async (_, claims, expected) => {
    expect(await read(bearer({ main: { r: 1 } }, claims))).toBe(expected);
  });

  test("with a token that has no end", async () => {
    const payload = { "https://jwt.attic.rs/v1": { caches: { main: { r: 1 } } } };
    const endless = jwt.sign(payload, privateKeyPem, { algorithm: "RS256", noTimestamp: true });
    expect(await read(`Bearer ${endless}`)).toBe("200");
  });

  test.each([
    ["Bearer, in any case", (jwt: string) => `bEaReR ${jwt}`, "200"],
    [
      "the password of any user",
      (jwt: string) => `Basic ${Buffer.from(`who:${jwt}`).toString("base64")}`,
      "200",
    ],
    ["no user name", (jwt: string) => `Basic ${Buffer.from(jwt).toString("base64")}`, "401 Unauthorized"],
    ["no other scheme", (jwt: string) => `Token ${jwt}`, "401 Unauthorized"],
  ])("sends it as %s", async (_, header, expected) => {
    expect(await read(header(token({ main: { r: 1 } })))).toBe(expected);
  });

  test("is believed with RS256 and the right key alone", async () => {
    const grants = { main: { r: 1 } };
    expect(await read(bearer(grants, {}, { algorithm: "RS512" }))).toBe("401 Unauthorized");
    const other = testKey("another signing key").privateKeyPem;
    const foreign = jwt.sign({ "https://jwt.attic.rs/v1": { caches: grants } }, other, {
      algorithm: "RS256",
    });
    expect(await read(`Bearer ${foreign}`)).toBe("401 Unauthorized");
    const unsigned = jwt.sign({ "https://jwt.attic.rs/v1": { caches: grants } }, "", { algorithm: "none" });
    expect(await read(`Bearer ${unsigned}`)).toBe("401 Unauthorized");
  });

  test("must have the issuer and the audience where the server asks for them", async () => {
    await server.stop();
    await start({ issuer: "https://issuer", audiences: ["attic", "nix"] });
    const grants = { main: { r: 1 } };
    expect(await read(bearer(grants, { iss: "https://issuer", aud: ["nix"] }))).toBe("200");
    expect(await read(bearer(grants, { iss: "https://issuer", aud: "attic" }))).toBe("200");
    expect(await read(bearer(grants, { iss: "https://issuer" }))).toBe("401 Unauthorized");
    expect(await read(bearer(grants, { iss: "https://other", aud: ["nix"] }))).toBe("401 Unauthorized");
    expect(await read(bearer(grants))).toBe("401 Unauthorized");
  });
});

describe("changing a cache", () => {
  const keypair = { Keypair: `new:${Buffer.alloc(64, 9).toString("base64")}` };
  const cache = {
    keypair,
    is_public: false,
    store_dir: "/nix/store",
    priority: 41,
    upstream_cache_key_names: [],
  };
  const change = (method: string, name: string, caches?: unknown, body: unknown = {}) =>
    outcome(`_api/v1/cache-config/${name}`, caches ? bearer(caches) : undefined, {
      method,
      headers: { "content-type": "application/json" },
      ...(method !== "DELETE" && { body: JSON.stringify(body) }),
    });

  test("needs the permission for exactly that", async () => {
    expect(await change("POST", "new", undefined, cache)).toBe("401 Unauthorized");
    expect(await change("POST", "new", { new: { r: 1, cr: 1 } }, cache)).toBe("403 AccessError");
    expect(await change("POST", "new", { new: { cc: 1 } }, cache)).toBe("200");
    expect(await change("POST", "new", { new: { cc: 1 } }, cache)).toBe("400 CacheAlreadyExists");
    expect(await change("PATCH", "new", { new: { cc: 1 } }, { priority: 1 })).toBe("403 AccessError");
    expect(await change("PATCH", "new", { new: { cr: 1 } }, { priority: 1 })).toBe("200");
    expect(await change("PATCH", "new", { new: { cr: 1 } }, { retention_period: "Global" })).toBe(
      "403 AccessError",
    );
    expect(await change("PATCH", "new", { new: { cr: 1, cq: 1 } }, { retention_period: { Period: 9 } })).toBe(
      "200",
    );
    expect(await change("DELETE", "new", { new: { cr: 1 } })).toBe("403 AccessError");
    expect(await change("DELETE", "new", { new: { cd: 1 } })).toBe("200");
    expect(await change("DELETE", "new", { new: { cd: 1 } })).toBe("404 NoSuchCache");
  });

  test("shows in what is read, the key as its public half", async () => {
    await change("POST", "new", { new: { cc: 1 } }, cache);
    await change("PATCH", "new", { new: { cr: 1, cq: 1 } }, { retention_period: { Period: 9 }, priority: 3 });
    const response = await fetch(new URL("_api/v1/cache-config/new", server.url), {
      headers: { authorization: bearer({ new: { r: 1 } }) },
    });
    expect(await response.json()).toEqual({
      substituter_endpoint: `${server.url}new`,
      api_endpoint: server.url,
      public_key: `new:${Buffer.alloc(32, 9).toString("base64")}`,
      is_public: false,
      store_dir: "/nix/store",
      priority: 3,
      upstream_cache_key_names: [],
      retention_period: { Period: 9 },
    });
  });

  test.each([
    ["nothing", {}, "400 RequestError"],
    ["what it does not know", { unknown: 1 }, "400 RequestError"],
    ["null, which is nothing", { priority: null }, "400 RequestError"],
    ["more seconds than it can count", { retention_period: { Period: 2 ** 31 } }, "400 RequestError"],
    ["a priority of more than 32 bits", { priority: 2 ** 31 }, "422"],
    ["a text for a number", { priority: "5" }, "422"],
    ["half a key pair", { keypair: { Keypair: "x:AAAA" } }, "422"],
  ])("refuses to set %s", async (_, body, expected) => {
    expect(await change("PATCH", "main", { main: { cr: 1, cq: 1 } }, body)).toBe(expected);
  });

  test("frees the name of a destroyed cache, unless caches are deleted softly", async () => {
    const all = { main: { r: 1, cc: 1, cd: 1 } };
    await change("DELETE", "main", all);
    expect(await change("POST", "main", all, cache)).toBe("200");
    await server.stop();
    await start({ softDelete: true });
    await change("DELETE", "main", all);
    expect(await read(bearer(all))).toBe("404 NoSuchCache");
    expect(await change("POST", "main", all, cache)).toBe("400 CacheAlreadyExists");
  });
});

describe("what is no cache's configuration", () => {
  test("answers on / without a token and without a database, and nothing else at the root", async () => {
    server.database.up = false;
    expect(await outcome("")).toBe("200");
    expect(await outcome("nix-cache-info")).toBe("404 NotFound");
    expect(await outcome("metrics")).toBe("404 NotFound");
  });

  test("tells Nix of a cache that may be pulled from", async () => {
    const response = await fetch(new URL("public/nix-cache-info", server.url));
    expect(response.headers.get("x-attic-cache-visibility")).toBe("public");
    expect(await response.text()).toBe("WantMassQuery: 1\nStoreDir: /nix/store\nPriority: 41\n");
    expect(await outcome("main/nix-cache-info")).toBe("401 Unauthorized");
  });

  test("has no object, which is said before anybody is asked for a token", async () => {
    const hash = "0123456789abcdfghijklmnpqrsvwxyz";
    expect(await outcome(`main/${hash}.narinfo`)).toBe("404 NoSuchObject");
    expect(await outcome(`main/nar/${hash}.nar`)).toBe("404 NoSuchObject");
    expect(await outcome("main/short.narinfo")).toBe("500 InvalidStorePathHash");
  });

  test("fails without its database", async () => {
    server.database.up = false;
    expect(await read(bearer({ main: { r: 1 } }))).toBe("500 InternalServerError");
    expect(await outcome("public/nix-cache-info")).toBe("500 InternalServerError");
  });

  test("answers its own hosts alone, to the letter", async () => {
    await server.stop();
    await start({ allowedHosts: ["cache.example.com"] });
    expect(await outcome("")).toBe("400 RequestError");
  });

  test("refuses HTTP/2, which has no Host header", async () => {
    const client = connect(server.url);
    const request = client.request({ ":path": "/" });
    request.end();
    const [headers] = await once(request, "response");
    const body = await text(request);
    client.close();
    expect(headers[":status"]).toBe(400);
    expect(JSON.parse(body).message).toBe("General request error: Missing Host header");
  });

  test("says that it is a stub", async () => {
    const response = await fetch(server.url);
    expect(response.headers.get("server")).toBe("stub of Attic");
    expect(await response.text()).toContain("stub");
  });
});

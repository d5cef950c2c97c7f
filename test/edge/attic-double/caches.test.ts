import { randomBytes } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nixKeys } from "../../support/nix-keys.ts";
import { type Ask, ask, makeCache, newCache, root, tokenFor } from "./client.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import { isReal, migratedDatabase, type Server, startServer, type Table } from "./server.ts";

const failure = (code: number, error: string, message: string) => ({
  status: code,
  json: { code, error, message },
});
const unauthorized = failure(401, "Unauthorized", "Unauthorized.");
const forbidden = failure(
  403,
  "AccessError",
  "Access error: User does not have permission to complete this action.",
);
const noSuchCache = failure(404, "NoSuchCache", "The requested cache does not exist.");
const notFound = failure(404, "NotFound", "The URL you requested was not found.");
const badRequest = (message: string) => failure(400, "RequestError", `General request error: ${message}`);

describe.skipIf(missing)("the API", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  let server: Server;

  beforeAll(async () => {
    postgres = await startPostgres();
    env = await migratedDatabase(postgres, "caches");
    server = await startServer({ env });
    await makeCache(server, "main");
    await makeCache(server, "open", { is_public: true, priority: 30, store_dir: "/x/store" });
  });
  afterAll(async () => {
    await postgres?.stop();
  });

  const other = (changes: Table) => startServer({ env, changes });
  const config = (name: string) => `/_api/v1/cache-config/${name}`;
  const post = (name: string, body: Ask["body"], token?: string) =>
    ask(server, { method: "POST", path: config(name), body, token });
  const patch = (name: string, body: Ask["body"], token = root) =>
    ask(server, { method: "PATCH", path: config(name), body, token });
  const show = async (name: string) => (await ask(server, { path: config(name), token: root })).json;

  describe("by its routes", () => {
    test("shows a page to anybody at /", async () => {
      const { status, headers, text } = await ask(server, { path: "/" });
      expect({ status, type: headers["content-type"] }).toEqual({
        status: 200,
        type: "text/html; charset=utf-8",
      });
      expect((await ask(server, { path: "/", method: "HEAD" })).status).toBe(200);
      if (!isReal) expect(text).toContain("no Attic");
    });

    test.each([
      "/nix-cache-info",
      "/metrics",
      "/healthz",
      "/main/",
      "/main/a/b",
      "/_api/v1/x/y",
      "/_api/v1/cache-config/",
      "//",
    ])("knows nothing at %s", async (path) => {
      expect(await ask(server, { path, token: root })).toMatchObject(notFound);
    });

    test.each([
      ["POST", "/"],
      ["GET", "/_api/v1/upload-path"],
      ["POST", "/_api/v1/upload-path"],
      ["GET", "/_api/v1/get-missing-paths"],
      ["PUT", "/_api/v1/cache-config/main"],
      ["POST", "/main/nix-cache-info"],
      ["DELETE", "/main/attic-cache-info"],
      ["PUT", "/main/nar/x.nar"],
      ["POST", "/-bad-/nix-cache-info"],
    ])("does not take %s at %s", async (method, path) => {
      const { status, text, headers } = await ask(server, { method, path, token: root });
      expect({ status, text }).toEqual({ status: 405, text: "" });
      expect(headers).toHaveProperty("allow");
    });

    test.each(["-x", "x".repeat(51), "a.b", "%C3%A4", "_api"])("takes %s for no cache", async (name) => {
      for (const path of [
        `/${name}/nix-cache-info`,
        config(name),
        `/${name}/x.narinfo`,
        `/${name}/nar/x.nar`,
      ]) {
        const { status, text } = await ask(server, { path, token: root });
        expect({ status, text }).toEqual({
          status: 400,
          text: `Invalid URL: Invalid cache name "${decodeURIComponent(name)}"`,
        });
      }
    });

    test("reads a name that is encoded", async () => {
      expect((await ask(server, { path: "/m%61in/nix-cache-info", token: root })).status).toBe(200);
    });
  });

  describe("for reading", () => {
    const places = ["/nix-cache-info", "/attic-cache-info"].map(
      (rest) => (name: string) => `/${name}${rest}`,
    );
    test.each([...places, config])("%s tells each what he may know", async (at) => {
      const answer = (name: string, token?: string) => ask(server, { path: at(name), token });
      expect((await answer("main", root)).status).toBe(200);
      expect((await answer("open")).status).toBe(200);
      expect((await answer("open", tokenFor({ open: { w: 1 } }))).status).toBe(200);
      expect(await answer("main")).toMatchObject(unauthorized);
      expect(await answer("none")).toMatchObject(unauthorized);
      expect(await answer("main", tokenFor({ main: { w: 1 } }))).toMatchObject(forbidden);
      expect(await answer("main", tokenFor({ open: { r: 1 } }))).toMatchObject(unauthorized);
      expect(await answer("none", root)).toMatchObject(noSuchCache);
    });

    test("tells Nix what a cache is", async () => {
      const { headers, text } = await ask(server, { path: "/open/nix-cache-info" });
      expect(text).toBe("WantMassQuery: 1\nStoreDir: /x/store\nPriority: 30\n");
      expect(headers).toMatchObject({
        "content-type": "text/x-nix-cache-info",
        "x-attic-cache-visibility": "public",
      });
      expect((await ask(server, { path: "/main/nix-cache-info", token: root })).headers).not.toHaveProperty(
        "x-attic-cache-visibility",
      );
    });

    test("tells clients what a cache is, and never its key", async () => {
      const host = `127.0.0.1:${server.port}`;
      for (const path of ["/open/attic-cache-info", config("open")]) {
        const { json, headers } = await ask(server, { path });
        expect(headers["content-type"]).toBe("application/json");
        expect(headers).not.toHaveProperty("x-attic-cache-visibility");
        expect(json).toEqual({
          substituter_endpoint: `http://${host}/open`,
          api_endpoint: `http://${host}/`,
          public_key: expect.stringMatching(/^open:[A-Za-z0-9+/]{43}=$/),
          is_public: true,
          store_dir: "/x/store",
          priority: 30,
          upstream_cache_key_names: ["cache.nixos.org-1"],
          retention_period: "Global",
        });
      }
    });

    test("calls itself as the client does, and by https if a proxy says so", async () => {
      const headers = { host: "a.example.com:1", "x-forwarded-proto": "https" };
      const { json } = await ask(server, { path: config("open"), headers });
      expect(json.api_endpoint).toBe("https://a.example.com:1/");
    });

    test("calls itself as it is configured", async () => {
      const named = await other({ "api-endpoint": "https://a/", "substituter-endpoint": "https://b/c/" });
      expect((await ask(named, { path: config("open") })).json).toMatchObject({
        api_endpoint: "https://a/",
        substituter_endpoint: "https://b/c/open",
      });
      const half = await other({ "api-endpoint": "https://a/" });
      expect((await ask(half, { path: config("open") })).json.substituter_endpoint).toBe("https://a/open");
    });
  });

  describe("for making a cache", () => {
    test("makes one, with a key of its own or a given one", async () => {
      const { keyPair, publicKey } = nixKeys("given");
      const body = newCache({ keypair: { Keypair: keyPair }, is_public: true });
      const { status, text } = await post("given", body, root);
      expect({ status, text }).toEqual({ status: 200, text: "" });
      expect((await show("given")).public_key).toBe(publicKey);
    });

    test("says that there is one", async () => {
      const exists = failure(400, "CacheAlreadyExists", "The cache already exists.");
      expect(await post("main", newCache(), root)).toMatchObject(exists);
    });

    test("asks for the permission to make it", async () => {
      expect(await post("new", newCache())).toMatchObject(unauthorized);
      expect(await post("new", newCache(), tokenFor({ new: { r: 1, w: 1 } }))).toMatchObject(forbidden);
      expect((await post("new", newCache(), tokenFor({ new: { cc: 1 } }))).status).toBe(200);
      expect((await post("open", newCache())).status).toBe(401);
    });

    const key = (bytes: Buffer) => `x:${bytes.toString("base64")}`;
    test.each<[string, object]>([
      ["no key", { keypair: undefined }],
      ["another word for a key", { keypair: "generate" }],
      ["a key without a name", { keypair: { Keypair: randomBytes(64).toString("base64") } }],
      ["a key with an empty name", { keypair: { Keypair: `:${randomBytes(64).toString("base64")}` } }],
      ["a key that is too short", { keypair: { Keypair: key(randomBytes(32)) } }],
      ["a text for a switch", { is_public: "true" }],
      ["a number for a switch", { is_public: 1 }],
      ["null for a folder", { store_dir: null }],
      ["a priority with a fraction", { priority: 1.5 }],
      ["a priority beyond 32 bits", { priority: 2 ** 31 }],
      ["null among the upstream keys", { upstream_cache_key_names: ["a", null] }],
      ["no upstream keys", { upstream_cache_key_names: undefined }],
      ["a field in another case", { is_public: undefined, Is_Public: true }],
    ])("refuses %s", async (_, changes) => {
      const { status, text } = await post("wrong", newCache(changes), root);
      expect(status, text).toBe(422);
      expect(text).toMatch(/^Failed to deserialize the JSON body into the target type: /);
      expect(await ask(server, { path: config("wrong"), token: root })).toMatchObject(noSuchCache);
    });

    test.each<[string, unknown]>([
      ["null", null],
      ["a number", 1],
      ["nothing", {}],
      ["a list", ["Generate"]],
      ["two kinds", { Generate: null, Keypair: "x" }],
    ])("takes %s in the place of a key for no JSON", async (_, keypair) => {
      const { status, text } = await post("wrong", newCache({ keypair }), root);
      expect(status, text).toBe(400);
      expect(text).toMatch(/^Failed to parse the request body as JSON: /);
    });

    test("takes a key whose halves do not belong together", async () => {
      expect((await post("odd", newCache({ keypair: { Keypair: key(randomBytes(64)) } }), root)).status).toBe(
        200,
      );
    });

    test("overlooks fields that it does not know", async () => {
      expect((await post("more", newCache({ other: 1 }), root)).status).toBe(200);
    });

    test("wants a body in JSON", async () => {
      const send = (type: string, body: string) =>
        ask(server, {
          method: "POST",
          path: config("raw"),
          token: root,
          headers: type ? { "content-type": type } : {},
          body,
        });
      const text = JSON.stringify(newCache());
      for (const type of ["", "text/plain", "application/jsonp"]) {
        expect(await send(type, text)).toMatchObject({
          status: 415,
          text: "Expected request with `Content-Type: application/json`",
        });
      }
      expect((await send("application/json", "{")).status).toBe(400);
      expect((await send("application/json", "")).status).toBe(400);
      expect((await send("application/json", "[]")).status).toBe(422);
      expect((await send("application/json", `{"keypair": "${"x".repeat(2 ** 21)}"}`)).status).toBe(413);
      expect((await send("application/json; charset=utf-8", text)).status).toBe(200);
      expect((await send("application/x+json", text)).status).toBe(400);
    });

    test("looks at the body before the token", async () => {
      expect((await post("wrong", newCache({ priority: "1" }))).status).toBe(422);
    });
  });

  describe("for configuring one", () => {
    beforeAll(() => makeCache(server, "conf"));

    test("changes what it is told, and nothing else", async () => {
      const before = await show("conf");
      const changes = { is_public: true, priority: -3, store_dir: "/y", upstream_cache_key_names: [] };
      for (const [name, value] of Object.entries(changes)) {
        const { status, text } = await patch("conf", { [name]: value, keypair: null });
        expect({ status, text }).toEqual({ status: 200, text: "" });
      }
      expect(await show("conf")).toEqual({ ...before, ...changes });
    });

    test("changes the key", async () => {
      const { public_key: before } = await show("conf");
      await patch("conf", { keypair: "Generate" });
      expect((await show("conf")).public_key).not.toBe(before);
      await patch("conf", { keypair: { Keypair: nixKeys("conf").keyPair } });
      expect((await show("conf")).public_key).toBe(nixKeys("conf").publicKey);
    });

    test("sets the retention, and takes it back", async () => {
      for (const retention of [{ Period: 86400 }, { Period: 0 }, { Period: 2 ** 31 - 1 }, "Global"]) {
        expect((await patch("conf", { retention_period: retention })).status).toBe(200);
        expect((await show("conf")).retention_period).toEqual(retention);
      }
      expect(await patch("conf", { retention_period: { Period: 2 ** 31 } })).toMatchObject(
        badRequest("Invalid retention period"),
      );
    });

    test.each<[string, unknown]>([
      ["a word", "global"],
      ["less than nothing", { Period: -1 }],
      ["a fraction", { Period: 1.5 }],
      ["more than 32 bits", { Period: 2 ** 32 }],
      ["null", { Period: null }],
    ])("refuses a retention of %s", async (_, retention) => {
      expect((await patch("conf", { retention_period: retention })).status).toBe(422);
    });

    test.each<[string, unknown]>([
      ["a number", 5],
      ["nothing", {}],
    ])("takes %s in the place of a retention for no JSON", async (_, retention) => {
      expect((await patch("conf", { retention_period: retention })).status).toBe(400);
    });

    test("asks for a permission of its own for the retention", async () => {
      const configures = tokenFor({ conf: { cr: 1 } });
      expect((await patch("conf", { priority: 1 }, configures)).status).toBe(200);
      expect(await patch("conf", { priority: 2, retention_period: "Global" }, configures)).toMatchObject(
        forbidden,
      );
      expect((await show("conf")).priority).toBe(1);
      expect(await patch("conf", { priority: 3 }, tokenFor({ conf: { cq: 1 } }))).toMatchObject(forbidden);
    });

    test("wants something to change", async () => {
      for (const body of [{}, { priority: null }, { public_key: "x" }]) {
        expect(await patch("conf", body)).toMatchObject(badRequest("No modifiable fields were set."));
      }
      expect(await patch("none", {})).toMatchObject(noSuchCache);
    });
  });

  describe("for destroying one", () => {
    const destroy = (name: string, token?: string, of = server) =>
      ask(of, { method: "DELETE", path: config(name), token });

    test("destroys it, and its name is free", async () => {
      await makeCache(server, "gone");
      expect(await destroy("gone")).toMatchObject(unauthorized);
      expect(await destroy("gone", tokenFor({ gone: { r: 1, d: 1, cr: 1 } }))).toMatchObject(forbidden);
      expect(await destroy("gone", tokenFor({ gone: { cd: 1 } }))).toMatchObject({ status: 200, text: "" });
      expect(await destroy("gone", root)).toMatchObject(noSuchCache);
      await makeCache(server, "gone");
    });

    test("keeps the name where it is configured to", async () => {
      const soft = await other({ "soft-delete-caches": true });
      await makeCache(soft, "kept");
      expect((await destroy("kept", root, soft)).status).toBe(200);
      expect(await ask(server, { path: config("kept"), token: root })).toMatchObject(noSuchCache);
      expect((await post("kept", newCache(), root)).json.error).toBe("CacheAlreadyExists");
    });
  });

  describe("by the header Host", () => {
    test("answers the hosts that are allowed, to the letter", async () => {
      const strict = await other({ "allowed-hosts": ["a.example.com", "b:80"] });
      const status = async (host: string, path = "/") =>
        (await ask(strict, { path, headers: { host } })).status;
      expect(await status("a.example.com")).toBe(200);
      expect(await status("b:80", "/open/nix-cache-info")).toBe(200);
      for (const host of ["A.example.com", "a.example.com:443", "b", `127.0.0.1:${strict.port}`]) {
        expect(await ask(strict, { path: "/", headers: { host } })).toMatchObject(badRequest("Bad Host"));
      }
      expect(await status("x", "/none")).toBe(400);
    });

    test("refuses a request that has none", async () => {
      const text = await new Promise<string>((resolve, reject) => {
        let said = "";
        connect(server.port, "127.0.0.1", function (this: ReturnType<typeof connect>) {
          this.setEncoding("utf8").on("data", (part: string) => {
            said += part;
          });
          this.on("end", () => resolve(said)).write("GET / HTTP/1.0\r\n\r\n");
        }).on("error", reject);
      });
      expect(text).toMatch(/^HTTP\/1\.\d 400 /);
      expect(text).toContain("Missing Host header");
    });

    test("refuses HTTP/2, which has none", async () => {
      const session = connectHttp2(`http://127.0.0.1:${server.port}`);
      const stream = session.request({ ":path": "/" });
      const [status, text] = await new Promise<[unknown, string]>((resolve, reject) => {
        let [code, said] = [undefined as unknown, ""];
        stream.on("response", (headers) => {
          code = headers[":status"];
        });
        stream.setEncoding("utf8").on("data", (part: string) => {
          said += part;
        });
        stream.on("end", () => resolve([code, said])).on("error", reject);
      });
      session.close();
      expect(status).toBe(400);
      expect(text).toContain("Missing Host header");
    });
  });
});

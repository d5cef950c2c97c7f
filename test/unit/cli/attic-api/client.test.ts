import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AtticApi, type AtticApiError, type NewCache } from "../../../../cli/attic-api/index.ts";
import { claims, type Grants } from "../../../../components/tokens/claims.ts";
import { sign, signingKey } from "../../../../components/tokens/jwt.ts";
import { seconds } from "../../../../components/tokens/rotation.ts";
import { type AtticServer, type StubOptions, startAtticServer } from "../../../support/attic-server.ts";
import { testKey } from "../../../support/keys.ts";
import { nixKeys } from "../../../support/nix-keys.ts";

const { privateKeyPem, publicKeyPem } = testKey("stub's signing key");

const everything: Grants = {
  "*": ["pull", "createCache", "configureCache", "configureCacheRetention", "destroyCache"],
};

/** A token as the program makes them, valid for ten minutes. */
function token(grants: Grants = everything): Promise<string> {
  const now = seconds(new Date());
  const issue = { name: "test", signingKey: 1, generation: 1, issue: 0 };
  const times = { notBefore: now - 600, expires: now + 600 };
  return sign(claims(issue, "test", grants, times, {}), signingKey(privateKeyPem));
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function attic(options: Partial<StubOptions> = {}): Promise<AtticServer> {
  const server = await startAtticServer({ publicKey: publicKeyPem, ...options });
  stops.push(server.stop);
  return server;
}

/** Something that is not Attic; where it listens. */
async function something(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const keys = nixKeys("main");
const cache: NewCache = {
  keypair: { Keypair: keys.keyPair },
  is_public: false,
  store_dir: "/nix/store",
  priority: 41,
  upstream_cache_key_names: ["cache.nixos.org-1"],
};

const failure = (call: Promise<unknown>): Promise<AtticApiError> =>
  call.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );

describe("the client", () => {
  test("makes, reads, configures and destroys a cache", async () => {
    const server = await attic();
    const api = new AtticApi({ endpoint: server.url, token: await token() });
    expect(await api.cache("main")).toBeUndefined();
    await api.create("main", cache);
    expect(await api.cache("main")).toEqual({
      substituter_endpoint: `${server.url}main`,
      public_key: keys.publicKey,
      is_public: false,
      store_dir: "/nix/store",
      priority: 41,
      upstream_cache_key_names: ["cache.nixos.org-1"],
      retention_period: "Global",
    });
    await api.configure("main", { is_public: true, retention_period: { Period: 0 } });
    expect(await api.cache("main")).toMatchObject({ is_public: true, retention_period: { Period: 0 } });
    await api.destroy("main");
    expect(await api.cache("main")).toBeUndefined();
  });

  test("takes a name with a plus, which a URL could mean otherwise", async () => {
    const server = await attic();
    const api = new AtticApi({ endpoint: server.url, token: await token() });
    await api.create("team+main", cache);
    expect([...server.caches.keys()]).toEqual(["team+main"]);
  });

  test("keeps what stands before the path in the endpoint", async () => {
    const paths: string[] = [];
    const endpoint = await something(({ url = "" }, response) => {
      paths.push(url);
      response.writeHead(500).end();
    });
    await failure(new AtticApi({ endpoint: `${endpoint}attic/`, token: "x" }).cache("main"));
    expect(paths).toEqual(["/attic/_api/v1/cache-config/main"]);
  });

  test("is told apart by its host, where the endpoint has another name", async () => {
    const server = await attic({ allowedHosts: ["cache.example.com"] });
    const options = { endpoint: server.url, token: await token() };
    const error = await failure(new AtticApi(options).cache("main"));
    expect(error.message).toBe("read cache main: 400 RequestError: General request error: Bad Host");
    expect(error.hint).toContain("--host");
    expect(await new AtticApi({ ...options, host: "cache.example.com" }).cache("main")).toBeUndefined();
  });
});

describe("the token", () => {
  test("is in the Authorization header and nowhere else", async () => {
    const server = await attic();
    const secret = await token();
    const api = new AtticApi({ endpoint: server.url, token: secret });
    await api.create("main", cache);
    await api.configure("main", { priority: 1 });
    await api.destroy("main");
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "DELETE"]);
    for (const { path, body, headers } of server.requests) {
      const { authorization, ...others } = headers;
      expect(authorization).toBe(`Bearer ${secret}`);
      expect(JSON.stringify([path, body, others])).not.toContain(secret.split(".")[2]);
    }
  });

  test("and the key pair are in no error, even when something repeats what it was sent", async () => {
    const endpoint = await something(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(422).end(`cannot read ${body} of ${request.headers.authorization}`);
    });
    const secret = await token();
    const error = await failure(new AtticApi({ endpoint, token: secret }).create("main", cache));
    expect(error.message).toMatch(/^create cache main: 422 Unexplained: cannot read .*\[secret\]/);
    const shown = [error.message, error.hint, error.stack, JSON.stringify(error)].join();
    expect(shown).not.toContain(keys.keyPair.split(":")[1]);
    expect(shown).not.toContain(secret);
  });

  test("goes to nobody whom a redirect names", async () => {
    let asked = 0;
    const other = await something((_, response) => {
      asked++;
      response.end("{}");
    });
    const endpoint = await something((_, response) =>
      response.writeHead(308, { location: `${other}elsewhere` }).end(),
    );
    const error = await failure(new AtticApi({ endpoint, token: "secret" }).cache("main"));
    expect(error.message).toBe(`read cache main: 308 Redirect: redirects to ${other}elsewhere`);
    expect(asked).toBe(0);
  });
});

describe("an error says what happened and what to do:", () => {
  test.each([
    [
      "a token of another stack",
      { other: ["pull"] } as Grants,
      401,
      "Unauthorized",
      "deploy the stack first",
    ],
    ["a token for something else", { main: ["push"] } as Grants, 403, "AccessError", "another token"],
  ])("%s", async (_, grants, status, code, hint) => {
    const server = await attic();
    await new AtticApi({ endpoint: server.url, token: await token() }).create("main", cache);
    const error = await failure(
      new AtticApi({ endpoint: server.url, token: await token(grants) }).cache("main"),
    );
    expect(error).toMatchObject({ name: "AtticApiError", status, code });
    expect(error.hint).toContain(hint);
  });

  test("a cache that is there already", async () => {
    const server = await attic();
    const api = new AtticApi({ endpoint: server.url, token: await token() });
    await api.create("main", cache);
    const error = await failure(api.create("main", cache));
    expect(error.message).toBe("create cache main: 400 CacheAlreadyExists: The cache already exists.");
    expect(error.hint).toContain("attic:server.softDeleteCaches");
  });

  test("no database", async () => {
    const server = await attic();
    server.database.up = false;
    const error = await failure(new AtticApi({ endpoint: server.url, token: await token() }).cache("main"));
    expect(error).toMatchObject({ status: 500, code: "InternalServerError" });
    expect(error.hint).toContain("database");
  });

  test.each([
    [
      "a 404 of something else, which does not mean that the cache is absent",
      404,
      "404 page not found",
      "the right one",
    ],
    ["an ingress without a ready pod", 503, "no available server", "pods"],
    ["too many requests", 429, "Too Many Requests", "wait"],
    ["a page in the server's place", 200, "<!doctype html>\n<html>…</html>", "the right one"],
    ["another server's JSON", 200, '{"public_key": 1}', "the right one"],
  ])("%s", async (_, status, body, hint) => {
    const endpoint = await something((_, response) => response.writeHead(status).end(body));
    const error = await failure(new AtticApi({ endpoint, token: "x" }).cache("main"));
    expect(error).toMatchObject({ status, code: "Unexplained" });
    expect(error.message).toBe(`read cache main: ${status} Unexplained: ${body.replace("\n", " ")}`);
    expect(error.hint).toContain(hint);
  });

  test("a long page, cut to one line", async () => {
    const endpoint = await something((_, response) => response.writeHead(502).end("<p>\n".repeat(5000)));
    const error = await failure(new AtticApi({ endpoint, token: "x" }).cache("main"));
    expect(error.message.length).toBeLessThan(260);
    expect(error.message).not.toContain("\n");
  });

  test("more than a server of Attic ever says", async () => {
    const endpoint = await something((_, response) => response.end("x".repeat(2 << 20)));
    const error = await failure(new AtticApi({ endpoint, token: "x" }).cache("main"));
    expect(error.message).toContain("longer than 1048576 bytes");
  });

  test("nobody there", async () => {
    const server = await startAtticServer({ publicKey: publicKeyPem });
    await server.stop();
    const error = await failure(new AtticApi({ endpoint: server.url, token: "x" }).cache("main"));
    expect(error).toMatchObject({ status: undefined, code: "NoAnswer" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.hint).toContain("--endpoint");
  });

  test("an answer that does not come", async () => {
    const endpoint = await something(() => {});
    const error = await failure(new AtticApi({ endpoint, token: "x", timeout: 50 }).cache("main"));
    expect(error.message).toBe("read cache main: Timeout: no answer within 0.05 s");
    expect(error.hint).toContain("database");
  });

  test("nothing of a cache that takes long to destroy, since all that it lists goes with it", async () => {
    const endpoint = await something((_, response) => void setTimeout(() => response.end(), 150));
    await new AtticApi({ endpoint, token: "x", timeout: 50 }).destroy("main");
  });

  test("an answer that does not end", async () => {
    const endpoint = await something((_, response) => void response.write("{"));
    const error = await failure(new AtticApi({ endpoint, token: "x", timeout: 100 }).cache("main"));
    expect(error.code).toBe("Timeout");
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { nixKeys } from "../../../support/nix-keys.ts";
import { byHand, type CacheStack, cacheStack } from "./stack.ts";

let stack: CacheStack;
afterEach(() => stack.stop());

const start = async (...args: Parameters<typeof cacheStack>) => {
  stack = await cacheStack(...args);
};

describe("atticctl caches list", () => {
  test("tells where each cache is, what to trust, and whether the server has it so", async () => {
    await start({ main: {}, dev: { public: true }, new: {} });
    await stack.caches("sync", "main");
    stack.server.caches.set("dev", byHand("dev", { is_public: true, retention_period: 7_890_048 }));
    const { code, stdout } = await stack.caches("list");
    expect(code).toBe(0);
    const key = (name: string, which?: number) => nixKeys(name, which).publicKey;
    expect(stdout.split("\n")).toEqual([
      "CACHE  PULLED BY  ON THE SERVER  URL                                 PUBLIC KEY",
      `main   tokens     as declared    https://nix-cache.example.com/main  ${key("main")}`,
      `dev    everybody  different      https://nix-cache.example.com/dev   ${key("dev")}`,
      `new    tokens     absent         https://nix-cache.example.com/new   ${key("new")}`,
      "! dev: retention 3 months → the server's default",
      `! dev: publicKey ${key("dev", 2)} → ${key("dev")}`,
      "",
    ]);
  });

  test("changes nothing, with a token that can pull and no more", async () => {
    await start({ main: {}, dev: {} });
    await stack.caches("list");
    expect(stack.changes()).toEqual([]);
    expect(stack.server.requests.map(({ path }) => path.split("/").pop()).sort()).toEqual(["dev", "main"]);
  });

  test("tells what is declared when the server cannot be asked, and why it cannot", async () => {
    await start({ main: {}, dev: {} });
    await stack.server.stop();
    const { code, stdout } = await stack.caches("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^main {3}tokens +unknown +https:\/\/nix-cache.example.com\/main +main-[0-9a-f]{8}:/m,
    );
    expect(stdout).toMatch(/^! read cache dev: NoAnswer: .*ECONNREFUSED/m);
    expect(stdout.match(/give --endpoint and --host/g)?.length).toBe(1);
  });

  test("is JSON with --json, without secrets", async () => {
    await start({ main: {}, dev: {} });
    await stack.caches("sync", "main");
    stack.server.database.up = false;
    const { json, stdout } = await stack.caches("list", "--json");
    expect(json()).toMatchObject({
      stack: "test",
      endpoint: stack.server.url,
      caches: [
        {
          name: "main",
          url: "https://nix-cache.example.com/main",
          publicKey: nixKeys("main").publicKey,
          public: false,
          server: "unknown",
          differences: [],
          error: { status: 500, code: "InternalServerError" },
        },
        { name: "dev", server: "unknown" },
      ],
    });
    for (const secret of [nixKeys("main").keyPair, ...stack.project.secrets()])
      expect(stdout).not.toContain(secret);
  });

  test("says so when there are none", async () => {
    await start({});
    expect((await stack.caches("list")).stdout).toBe("the stack declares no caches\n");
  });
});

describe("atticctl caches show", () => {
  const show = (...args: string[]) => stack.project.run(["caches", "show", ...args]);

  test("prints what nix.conf needs for a cache that everybody may pull from", async () => {
    await start({ public: { public: true } });
    const { code, stdout } = await show("public");
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "# public: everybody may pull from it",
        "extra-substituters = https://nix-cache.example.com/public",
        `extra-trusted-public-keys = ${nixKeys("public").publicKey}\n`,
      ].join("\n"),
    );
  });

  test("and the netrc file for a private one, without a token", async () => {
    await start({ main: {} });
    const { stdout } = await show("main");
    expect(stdout).toContain("extra-substituters = https://nix-cache.example.com/main\n");
    expect(stdout).toContain("netrc-file = /etc/nix/netrc\n");
    expect(stdout).toContain("machine nix-cache.example.com login nix password TOKEN");
  });

  test("asks no server and gives no secret away, as JSON neither", async () => {
    await start({ main: {} });
    const printed = [await show("main"), await show("main", "--json")];
    expect(printed[1]?.json()).toEqual({
      name: "main",
      url: "https://nix-cache.example.com/main",
      publicKey: nixKeys("main").publicKey,
      public: false,
    });
    for (const secret of [nixKeys("main").keyPair, ...stack.project.secrets()]) {
      expect(JSON.stringify(printed)).not.toContain(secret);
    }
    expect(stack.server.requests).toEqual([]);
  });

  test("knows declared caches alone, and those that have a key", async () => {
    await start({ main: {} });
    expect(await show("mian")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("did you mean main?"),
    });
    stack.declare({ main: {}, constructor: {} }, false);
    expect(await show("constructor")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("the stack has no key yet for constructor"),
    });
  });
});

import jsonwebtoken from "jsonwebtoken";
import { afterEach, describe, expect, test } from "vitest";
import { grantsClaim } from "../../../../components/tokens/claims.ts";
import { type SeenRequest, type StubCache, startAtticServer } from "../../../support/attic-server.ts";
import { testKey } from "../../../support/keys.ts";
import { nixKeys } from "../../../support/nix-keys.ts";
import { after } from "../world.ts";
import { byHand, type CacheStack, cacheStack } from "./stack.ts";

let stack: CacheStack;
afterEach(() => stack.stop());

const start = async (...args: Parameters<typeof cacheStack>) => {
  stack = await cacheStack(...args);
};

/** The declared cache `main` as a sync of these tests made it, and then something changed. */
const drifted = (change: Partial<StubCache>) =>
  stack.server.caches.set("main", { ...byHand("main"), keypair: nixKeys("main").keyPair, ...change });

const onServer = (name: string) => stack.server.caches.get(name) as StubCache;

/** What the token of a request allows, and how long it is valid. */
function tokenOf({ headers }: SeenRequest): { caches: unknown; seconds: number; sub?: string } {
  const payload = jsonwebtoken.verify(
    headers.authorization?.slice("Bearer ".length) ?? "",
    stack.project.key.publicKeyPem,
    { clockTimestamp: after(1).getTime() / 1000 },
  ) as jsonwebtoken.JwtPayload;
  return {
    caches: payload[grantsClaim].caches,
    seconds: (payload.exp as number) - after(1).getTime() / 1000,
    sub: payload.sub,
  };
}

describe("atticctl caches sync makes what is missing", () => {
  test("with the declared key and all that is declared", async () => {
    await start({
      main: {},
      dev: {
        public: true,
        priority: 30,
        storeDir: "/gnu/store",
        upstreamKeys: ["b-1", "a-1"],
        retention: "7 days",
      },
      release: { retention: "forever" },
    });
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "main     created",
        "dev      created",
        "release  created",
        "the server's caches are as the stack declares them\n",
      ].join("\n"),
    );
    expect(Object.fromEntries(stack.server.caches)).toEqual({
      main: {
        keypair: nixKeys("main").keyPair,
        is_public: false,
        store_dir: "/nix/store",
        priority: 41,
        upstream_cache_key_names: ["cache.nixos.org-1"],
        retention_period: null,
      },
      dev: {
        keypair: nixKeys("dev").keyPair,
        is_public: true,
        store_dir: "/gnu/store",
        priority: 30,
        upstream_cache_key_names: ["a-1", "b-1"],
        retention_period: 604_800,
      },
      release: expect.objectContaining({ retention_period: 0 }),
    });
  });

  test("and nothing else, and a second run finds nothing to do", async () => {
    await start({ main: {}, dev: { retention: "3 months", public: true } });
    stack.server.caches.set("other", byHand("other"));
    await stack.caches("sync");
    expect(stack.changes()).toEqual(["POST main", "POST dev", "PATCH dev"]);
    stack.server.requests.length = 0;
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(0);
    expect(stdout).toContain("main  as declared\ndev   as declared\n");
    expect(stack.changes()).toEqual([]);
    expect(stack.server.requests.length).toBe(2);
  });

  test("only of the caches that are named", async () => {
    await start({ main: {}, dev: {}, release: {} });
    await stack.caches("sync", "release", "main");
    expect(stack.changes()).toEqual(["POST main", "POST release"]);
    expect(stack.server.requests.some(({ path }) => path.endsWith("dev"))).toBe(false);
  });

  test("and sets the retention later, when a run ended before", async () => {
    await start({ dev: { retention: "7 days" } });
    stack.server.caches.set("dev", { ...byHand("dev"), keypair: nixKeys("dev").keyPair });
    const { stdout } = await stack.caches("sync");
    expect(stdout).toContain("dev  configured  retention the server's default → 7 days");
    expect(onServer("dev").retention_period).toBe(604_800);
  });
});

describe("atticctl caches sync corrects", () => {
  test.each([
    ["public", { is_public: true }, "public yes → no", "PATCH", { is_public: false }],
    ["priority", { priority: 5 }, "priority 5 → 41", "PATCH", { priority: 41 }],
    ["storeDir", { store_dir: "/x" }, "storeDir /x → /nix/store", "PATCH", { store_dir: "/nix/store" }],
    [
      "upstreamKeys",
      { upstream_cache_key_names: [] },
      "upstreamKeys none → cache.nixos.org-1",
      "PATCH",
      { upstream_cache_key_names: ["cache.nixos.org-1"] },
    ],
    [
      "retention",
      { retention_period: 86_400 },
      "retention 1 day → the server's default",
      "PATCH",
      { retention_period: "Global" },
    ],
    [
      "retention that keeps everything",
      { retention_period: 0 },
      "retention for ever → the server's default",
      "PATCH",
      { retention_period: "Global" },
    ],
  ])("%s, and sends nothing else", async (_, change, words, method, body) => {
    await start({ main: {} });
    drifted(change);
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(0);
    expect(stdout).toContain(`main  configured  ${words}\n`);
    const sent = stack.server.requests.filter(({ method }) => method !== "GET");
    expect(sent.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([[method, body]]);
    expect((await stack.caches("sync", "--check")).code).toBe(0);
  });

  test("everything of a cache at once", async () => {
    await start({ main: { retention: "1 day 12h" } });
    drifted({
      is_public: true,
      priority: 1,
      store_dir: "/x",
      upstream_cache_key_names: ["x"],
      retention_period: 1,
    });
    const { stdout } = await stack.caches("sync");
    expect(stdout).toContain(
      [
        "main  configured  public yes → no",
        "                  priority 1 → 41",
        "                  storeDir /x → /nix/store",
        "                  upstreamKeys x → cache.nixos.org-1",
        "                  retention 1 second → 36 hours",
      ].join("\n"),
    );
    expect(stack.changes()).toEqual(["PATCH main"]);
  });

  test("nothing where only the order of upstream keys differs", async () => {
    await start({ main: { upstreamKeys: ["b", "a"] } });
    drifted({ upstream_cache_key_names: ["b", "a"] });
    expect((await stack.caches("sync")).stdout).toContain("main  as declared");
    drifted({ upstream_cache_key_names: ["a", "b"] });
    expect((await stack.caches("sync")).stdout).toContain("main  as declared");
    expect(stack.changes()).toEqual([]);
  });
});

describe("a key that differs", () => {
  const serverKey = nixKeys("main", 2).publicKey;
  const declaredKey = nixKeys("main").publicKey;

  test("is left as it is, and said with both public keys; the run ends with 4", async () => {
    await start({ main: {} });
    stack.server.caches.set("main", byHand("main", { priority: 5 }));
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(4);
    expect(stdout).toBe(
      [
        "main  configured  priority 5 → 41",
        `                  signs with ${serverKey}`,
        `                  declared is ${declaredKey}`,
        "                  --rekey changes it",
        "1 of 1 cache is not as the stack declares\n",
      ].join("\n"),
    );
    expect(onServer("main")).toMatchObject({ keypair: nixKeys("main", 2).keyPair, priority: 41 });
    expect((await stack.caches("sync")).stdout).toContain("main  another key  signs with");
    expect(stack.changes()).toEqual(["PATCH main"]);
  });

  test("of another name only is another key, too", async () => {
    await start({ main: {} });
    const named = (key: string) => key.replace(/^[^:]+/, "main");
    drifted({ keypair: named(nixKeys("main").keyPair) });
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(4);
    expect(stdout).toContain(`signs with ${named(declaredKey)}\n`);
    await stack.caches("sync", "--rekey");
    expect(onServer("main").keypair).toBe(nixKeys("main").keyPair);
  });

  test("is changed with --rekey", async () => {
    await start({ main: {} });
    stack.server.caches.set("main", byHand("main"));
    const { code, stdout } = await stack.caches("sync", "--rekey");
    expect(code).toBe(0);
    expect(stdout).toContain(`main  configured  publicKey ${serverKey} → ${declaredKey}`);
    expect(onServer("main").keypair).toBe(nixKeys("main").keyPair);
  });

  test("is no reason to change others with --rekey", async () => {
    await start({ main: {}, dev: {} });
    await stack.caches("sync");
    stack.server.caches.set("main", byHand("main"));
    stack.server.requests.length = 0;
    await stack.caches("sync", "dev", "--rekey");
    expect(stack.changes()).toEqual([]);
    await stack.caches("sync", "main", "--rekey");
    expect(stack.changes()).toEqual(["PATCH main"]);
  });
});

describe("without changing anything, atticctl caches sync", () => {
  test.each([
    ["--check", 4],
    ["--dry-run", 0],
  ])("%s tells what differs and ends with %i", async (flag, expected) => {
    await start({ main: {}, dev: {} });
    drifted({ priority: 5 });
    const { code, stdout } = await stack.caches("sync", flag);
    expect(code).toBe(expected);
    expect(stdout).toBe(
      [
        "main  configure  priority 5 → 41",
        "dev   create",
        "2 of 2 caches are not as the stack declares; nothing was changed\n",
      ].join("\n"),
    );
    expect(stack.changes()).toEqual([]);
    expect(onServer("main").priority).toBe(5);
  });

  test.each(["--check", "--dry-run"])("%s ends with 0 when nothing differs", async (flag) => {
    await start({ main: {} });
    await stack.caches("sync");
    const { code, stdout } = await stack.caches("sync", flag);
    expect([code, stdout]).toEqual([
      0,
      "main  as declared\nthe server's caches are as the stack declares them\n",
    ]);
  });

  test("--check counts another key as a difference", async () => {
    await start({ main: {} });
    stack.server.caches.set("main", byHand("main"));
    expect((await stack.caches("sync", "--check")).code).toBe(4);
  });

  test("takes not both", async () => {
    await start({ main: {} });
    const { code, stderr } = await stack.caches("sync", "--check", "--dry-run");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--check or --dry-run, not both")]);
  });
});

describe("a cache is destroyed", () => {
  test("never by a run that does not name it, whatever the stack declares", async () => {
    await start({ main: {}, old: {} });
    await stack.caches("sync");
    stack.declare({ main: {} });
    stack.server.requests.length = 0;
    await stack.caches("sync", "--yes", "--rekey");
    expect(stack.server.caches.has("old")).toBe(true);
    expect(stack.server.requests.some(({ path }) => path.endsWith("old"))).toBe(false);
  });

  test("with --yes", async () => {
    await start({ main: {} });
    stack.server.caches.set("old", byHand("old"));
    const { code, stdout } = await stack.caches("sync", "--destroy", "old", "--yes");
    expect(code).toBe(0);
    expect(stdout).toContain("old   destroyed");
    expect([...stack.server.caches.keys()]).toEqual(["main"]);
  });

  test("when a person types its name", async () => {
    await start({ main: {} });
    stack.server.caches.set("old", byHand("old")).set("older", byHand("older"));
    const { code, stderr } = await stack.cachesWith(
      { typed: "old\nolder\n" },
      ...["sync", "--destroy", "old", "--destroy", "older"],
    );
    expect(code).toBe(0);
    expect(stderr).toContain("Type its name to destroy it: older");
    expect([...stack.server.caches.keys()]).toEqual(["main"]);
  });

  test.each([
    ["another name", "main\n", 4, "that is not old; nothing was changed"],
    ["yes", "y\n", 4, "that is not old; nothing was changed"],
    ["nothing", "", 4, "that is not old; nothing was changed"],
  ])("not when a person types %s, and nothing else is done then", async (_, typed, expected, words) => {
    await start({ main: {} });
    stack.server.caches.set("old", byHand("old"));
    const { code, stderr } = await stack.cachesWith({ typed }, "sync", "--destroy", "old");
    expect([code, stderr]).toEqual([expected, expect.stringContaining(words)]);
    expect(stack.changes()).toEqual([]);
  });

  test.each([[["sync"]], [["sync", "--json"]]])("not when nobody can be asked: %s", async (args) => {
    await start({ main: {} });
    stack.server.caches.set("old", byHand("old"));
    const { code, stderr } = await stack.cachesWith({ stdin: "old\n" }, ...args, "--destroy", "old");
    expect([code, stderr]).toEqual([2, expect.stringContaining("give --yes")]);
    expect(stack.changes()).toEqual([]);
  });

  test("not while the stack declares it", async () => {
    await start({ main: {} });
    await stack.caches("sync");
    stack.server.requests.length = 0;
    const { code, stderr } = await stack.caches("sync", "--destroy", "main", "--yes");
    expect([code, stderr]).toEqual([4, expect.stringContaining("attic:caches declares main")]);
    expect(stack.server.requests).toEqual([]);
  });

  test("not by a check or a dry run, which tell that it is there", async () => {
    await start({});
    stack.server.caches.set("old", byHand("old"));
    for (const [flag, expected] of [
      ["--check", 4],
      ["--dry-run", 0],
    ] as const) {
      const { code, stdout } = await stack.caches("sync", "--destroy", "old", "--yes", flag);
      expect([code, stdout]).toEqual([expected, expect.stringContaining("old  destroy\n")]);
    }
    expect(stack.changes()).toEqual([]);
  });

  test("once: a second run finds it gone, and asks nobody", async () => {
    await start({ main: {} });
    const { code, stdout } = await stack.caches("sync", "--destroy", "old");
    expect([code, stdout]).toEqual([0, expect.stringContaining("old   not there")]);
    expect(stack.changes()).toEqual(["POST main"]);
  });

  test("by a name that a cache can have", async () => {
    await start({ main: {} });
    expect((await stack.caches("sync", "--destroy", "*", "--yes")).code).toBe(2);
    expect(stack.server.requests).toEqual([]);
  });
});

describe("when something fails", () => {
  test("the others are made, and the run ends with 1", async () => {
    // The name of a softly deleted cache stays taken.
    await start({ gone: {}, main: {} }, { softDelete: true });
    stack.server.caches.set("gone", byHand("gone", { deleted: true }));
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "gone  failed   create cache gone: 400 CacheAlreadyExists: The cache already exists.\n",
    );
    expect(stdout).toContain("attic:server.softDeleteCaches");
    expect(stdout).toContain("main  created");
    expect(stdout).toContain("1 of 2 caches failed\n");
    expect(onServer("main").deleted).toBeUndefined();
  });

  test("without a database, every cache is told, and nothing is tried", async () => {
    await start({ main: {}, dev: {} });
    stack.server.database.up = false;
    const { code, stdout } = await stack.caches("sync");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^main {2}not read {2}read cache main: 500 InternalServerError/m);
    expect(stdout).toMatch(/^dev {3}not read {2}read cache dev: 500 InternalServerError/m);
    expect(stack.changes()).toEqual([]);
  });

  test("a check that could not look is no check that says no: 1 comes before 4", async () => {
    await start({ main: {} });
    stack.server.database.up = false;
    for (const flag of ["--check", "--dry-run"]) {
      const { code, stdout } = await stack.caches("sync", flag);
      expect([code, stdout]).toEqual([
        1,
        expect.stringContaining("1 of 1 cache failed; nothing was changed\n"),
      ]);
    }
  });

  test("a server that runs with another signing key is not taken for one that has no caches", async () => {
    await start({ main: {} });
    const other = await startAtticServer({ publicKey: testKey("another signing key").publicKeyPem });
    const { code, stdout } = await stack.project.run(["caches", "sync", "--endpoint", other.url]);
    await other.stop();
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("main  not read  read cache main: 401 Unauthorized"),
    ]);
    expect(stdout).toContain("it runs with another signing key");
    expect(other.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("a stack whose key cannot be read asks nobody", async () => {
    await start({ main: {} });
    stack.project.deployed().publicKeyBase64 = "";
    const { code, stderr } = await stack.caches("sync");
    expect([code, stderr]).toEqual([1, expect.stringContaining("no signing key that fits its outputs")]);
    expect(stack.server.requests).toEqual([]);
  });

  test("a cache that was declared since the last update has no key yet", async () => {
    await start({ main: {} });
    stack.declare({ main: {}, dev: {} }, false);
    const { code, stderr } = await stack.caches("sync");
    expect([code, stderr]).toEqual([3, expect.stringContaining("the stack has no key yet for dev")]);
    expect(stderr).toContain("pulumi up --stack test");
    expect((await stack.caches("sync", "main")).code).toBe(0);
  });

  test("a name that is not declared is asked back", async () => {
    await start({ main: {}, dev: {} });
    const { code, stderr } = await stack.caches("sync", "mian");
    expect([code, stderr]).toEqual([3, expect.stringContaining("did you mean main?")]);
  });
});

describe("the tokens of a run", () => {
  test("are valid for ten minutes, and allow exactly what is done to each cache", async () => {
    await start({ "team+new": {}, kept: { retention: "1 day" }, main: {}, same: {} });
    drifted({ priority: 5 });
    stack.server.caches.set("same", { ...byHand("same"), keypair: nixKeys("same").keyPair });
    stack.server.caches.set("old", byHand("old"));
    expect((await stack.caches("sync", "--destroy", "old", "--yes")).code).toBe(0);
    const read = { r: 1 };
    const write: Record<string, object> = {
      "team+new": { r: 1, cc: 1 },
      kept: { r: 1, cc: 1, cr: 1, cq: 1 },
      main: { r: 1, cr: 1 },
      old: { r: 1, cd: 1 },
    };
    for (const request of stack.server.requests) {
      const cache = decodeURIComponent(request.path.split("/").at(-1) ?? "");
      expect(tokenOf(request)).toEqual({
        sub: "command/atticctl caches",
        seconds: 600,
        caches:
          request.method === "GET"
            ? { "team+new": read, kept: read, main: read, same: read, old: read }
            : { [cache]: write[cache] },
      });
    }
    expect(new Set(stack.server.requests.map(({ headers }) => headers.authorization)).size).toBe(5);
  });

  test("outlast a run in which each change takes seven minutes", async () => {
    const slept: number[] = [];
    await start(
      { main: {}, dev: {}, release: {} },
      {
        now: () => {
          if (stack.server.requests.at(-1)?.method !== "GET") slept.push(420_000);
          return new Date(after(1).getTime() + slept.reduce((sum, each) => sum + each, 0));
        },
      },
    );
    const { code, stdout } = await stack.cachesWith({ slept }, "sync");
    expect(stdout).toContain("release  created");
    expect(code).toBe(0);
    expect(slept).toHaveLength(3);
  });

  test("only read for a check", async () => {
    await start({ main: {} });
    await stack.caches("sync", "--check");
    expect(stack.server.requests.map((request) => tokenOf(request).caches)).toEqual([{ main: { r: 1 } }]);
  });

  test("have the issuer and the audience that the stack declares", async () => {
    const jwt = { issuer: "https://issuer.example.com", audiences: ["attic"] };
    await start({ main: {} }, { settings: { server: { jwt } } });
    await stack.caches("sync", "--check");
    const payload = jsonwebtoken.decode(stack.server.requests[0]?.headers.authorization?.slice(7) ?? "");
    expect(payload).toMatchObject({ iss: jwt.issuer, aud: jwt.audiences });
  });
});

describe("what a run prints", () => {
  test("is JSON with --json", async () => {
    await start({ main: {}, dev: {} });
    stack.server.caches.set("main", byHand("main", { priority: 5 }));
    const { code, json, stderr } = await stack.caches("sync", "--json");
    expect([code, stderr]).toEqual([4, ""]);
    expect(json()).toEqual({
      stack: "test",
      endpoint: stack.server.url,
      inSync: false,
      caches: [
        {
          name: "main",
          declared: true,
          action: "configure",
          differences: [
            { setting: "priority", server: 5, declared: 41 },
            {
              setting: "publicKey",
              server: nixKeys("main", 2).publicKey,
              declared: nixKeys("main").publicKey,
            },
          ],
          keyLeft: true,
          outcome: "done",
        },
        { name: "dev", declared: true, action: "create", differences: [], keyLeft: false, outcome: "done" },
      ],
    });
  });

  test("has errors in its JSON with what to do", async () => {
    await start({ main: {} });
    stack.server.database.up = false;
    const { json } = await stack.caches("sync", "--json");
    expect(json()).toMatchObject({
      inSync: false,
      caches: [
        {
          outcome: "failed",
          error: { status: 500, code: "InternalServerError", hint: expect.stringContaining("database") },
        },
      ],
    });
  });

  test("never is a key pair or a token", async () => {
    await start({ main: {}, dev: {} });
    stack.server.caches.set("main", byHand("main"));
    const printed = [];
    for (const flags of [["--dry-run"], ["--rekey"], ["--json"]]) {
      const { stdout, stderr } = await stack.caches("sync", ...flags);
      printed.push(stdout, stderr);
    }
    const tokens = stack.server.requests.map(({ headers }) => headers.authorization?.split(".")[2] as string);
    const keys = ["main", "dev"].map((name) => nixKeys(name).keyPair.split(":")[1] as string);
    expect(tokens.length).toBeGreaterThan(5);
    for (const secret of [...stack.project.secrets(), ...tokens, ...keys]) {
      expect(printed.join()).not.toContain(secret);
    }
  });

  test("is that there is nothing to do, for a stack without caches", async () => {
    await start({});
    const { code, stdout } = await stack.caches("sync");
    expect([code, stdout]).toEqual([0, "the stack declares no caches\n"]);
    expect(stack.server.requests).toEqual([]);
  });
});

describe("the way to the server", () => {
  test("is told by the host that it answers, though it is reached by another", async () => {
    await start({ main: {} });
    await stack.caches("sync", "--check");
    expect(stack.server.requests[0]?.headers.host).toBe("nix-cache.example.com");
  });

  test("can have another host", async () => {
    await start({ main: {} });
    const { code, stdout } = await stack.caches("sync", "--host", "other.example.com");
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("400 RequestError: General request error: Bad Host"),
    ]);
    expect(stdout).toContain("give one of attic:server.allowedHosts with --host");
  });

  test("is not one on which the network sees the token", async () => {
    await start({ main: {} });
    const { code, stderr } = await stack.project.run([
      "caches",
      "sync",
      "--endpoint",
      "http://cache.example.net/",
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("is plain HTTP")]);
  });
});

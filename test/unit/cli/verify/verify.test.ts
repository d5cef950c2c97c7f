import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterError } from "../../../../cli/cluster/index.ts";
import { type AtticServer, startAtticServer } from "../../../support/attic-server.ts";
import { testKey } from "../../../support/keys.ts";
import { fakeCluster } from "../cluster.ts";
import { settings } from "../status/facts.ts";
import { lacking, wellObjects, withStatus } from "../status/objects.ts";
import { after, everyKind, type How, type TestProject, testProject } from "../world.ts";

let project: TestProject;
let server: AtticServer;
beforeEach(async () => {
  project = testProject(everyKind, settings);
  await project.update(0);
  server = await startAtticServer({
    publicKey: project.key.publicKeyPem,
    allowedHosts: ["nix-cache.example.com"],
    now: () => after(1),
  });
  for (const [name, is_public] of [
    ["main", false],
    ["public", true],
  ] as const) {
    server.caches.set(name, {
      keypair: `${name}:AA==`,
      is_public,
      store_dir: "/nix/store",
      priority: 41,
      upstream_cache_key_names: [],
      retention_period: null,
    });
  }
});
afterEach(async () => {
  await server.stop();
  project.remove();
});

const verify = (args: string[] = [], how: How = {}) =>
  project.run(["verify", "--endpoint", server.url, ...args], {
    cluster: fakeCluster({ objects: wellObjects() }),
    ...how,
  });
/** The checks that did not pass, with what was found. */
const failed = (result: { checks: { id: string; outcome: string; found: string }[] }) =>
  Object.fromEntries(
    result.checks.filter(({ outcome }) => outcome === "failed").map(({ id, found }) => [id, found]),
  );

describe("a well stack", () => {
  test("is verified, check by check", async () => {
    const { code, stdout, stderr } = await verify();
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^stack test {2}verified\n/);
    expect(stdout).toContain("✓ ingress-serves      200, StoreDir: /nix/store\n");
    expect(stdout).toContain("✓ ingress-anonymous   401\n");
    expect(stdout).toContain("✓ ingress-forged      401\n");
    expect(stdout).toContain("✓ ingress-tokens      all 4 are taken\n");
    expect(stdout).not.toContain("✗");
    expect(code).toBe(0);
  });

  test("was asked with the stack's Host header, and with every token in the header Authorization alone", async () => {
    await verify();
    expect(new Set(server.requests.map(({ headers }) => headers.host))).toEqual(
      new Set(["nix-cache.example.com"]),
    );
    const sent = server.requests.flatMap(({ headers }) => headers.authorization ?? []);
    for (const { secret } of Object.values(project.deployed().tokens))
      expect(sent).toContain(`Bearer ${secret}`);
    for (const { path } of server.requests) expect(path).toMatch(/^\/[\w-]+\/nix-cache-info$/);
  });

  test("was asked once with a token that nobody signed, at the private cache", async () => {
    await verify();
    const own = Object.values(project.deployed().tokens).map(({ secret }) => `Bearer ${secret}`);
    const others = server.requests.filter(
      ({ headers: { authorization } }) => authorization && !own.includes(authorization),
    );
    expect(others.map(({ path }) => path)).toEqual(["/main/nix-cache-info"]);
    expect(others[0]?.headers.authorization).toMatch(/^Bearer eyJ[\w-]+\.[\w-]+\.[\w-]{342}$/);
  });

  test("gives away no token: not on the screen, nor in the reports", async () => {
    const { stdout, stderr } = await verify(["--report", "out/verify.json", "--junit", "out/verify.xml"]);
    const written = ["json", "xml"].map((type) =>
      readFileSync(join(project.folder, `out/verify.${type}`), "utf8"),
    );
    for (const secret of project.secrets()) {
      for (const text of [stdout, stderr, ...written]) expect(text).not.toContain(secret);
    }
  });
});

describe("a stack that does not serve as it should", () => {
  test("because its caches are not made yet", async () => {
    server.caches.clear();
    expect(failed((await verify(["--json"])).json())).toEqual({
      "ingress-serves": "404 NoSuchCache: the server has no cache main; atticctl caches sync makes it",
    });
  });

  test("because it was given another key", async () => {
    const { stop } = server;
    server = await startAtticServer({
      publicKey: testKey("another").publicKeyPem,
      now: () => after(1),
      allowedHosts: ["nix-cache.example.com"],
    });
    await stop();
    const found = failed((await verify(["--json"])).json());
    expect(found["ingress-serves"]).toBe("401 Unauthorized");
    expect(found["ingress-tokens"]).toMatch(/^gitlab-main: 401 Unauthorized; developers: 401 Unauthorized/);
    expect(Object.keys(found)).toHaveLength(2);
  });

  test("because it serves anybody", async () => {
    for (const cache of server.caches.values()) cache.is_public = true;
    expect(failed((await verify(["--json"])).json())).toEqual({
      "ingress-anonymous": "200",
      "ingress-forged": "200",
    });
  });

  test("because it lost its database", async () => {
    server.database.up = false;
    expect(Object.keys(failed((await verify(["--json"])).json()))).toEqual([
      "ingress-serves",
      "ingress-anonymous",
      "ingress-forged",
      "ingress-tokens",
    ]);
  });

  test("because nobody listens", async () => {
    const { url } = server;
    await server.stop();
    const { code, json } = await project.run(["verify", "--json", "--endpoint", url], {
      cluster: fakeCluster({ objects: wellObjects() }),
    });
    server = await startAtticServer({ publicKey: project.key.publicKeyPem });
    expect(code).toBe(4);
    expect(failed(json())["ingress-serves"]).toMatch(/^no answer: connect ECONNREFUSED/);
  });
});

describe("a check that fails", () => {
  const broken = () => fakeCluster({ objects: withStatus("Deployment", "attic", { readyReplicas: 1 }) });

  test("fails the command, and says what was found, what was expected and where to look", async () => {
    const { code, stdout } = await verify([], { cluster: broken() });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^stack test {2}1 thing is not as it should be\n/);
    expect(stdout).toContain(`
✗ API: 1 of 2 ready
  expected: at least 2 pods, all of them new and ready, and no old one
  see docs/runbooks/AtticRolloutStuck.md (api-rollout)
`);
  });

  test("is in the reports", async () => {
    const { code } = await verify(["--report", "verify.json", "--junit", "verify.xml"], {
      cluster: broken(),
    });
    expect(code).toBe(4);
    expect(JSON.parse(readFileSync(join(project.folder, "verify.json"), "utf8"))).toMatchObject({
      version: 1,
      ok: false,
      stack: "test",
    });
    expect(readFileSync(join(project.folder, "verify.xml"), "utf8")).toContain(
      '<failure message="1 of 2 ready" type="api-rollout">',
    );
  });

  test("can be skipped, and the reason stands on the screen and in the report", async () => {
    const skip = ["--skip", "api-rollout=one node is drained = less"];
    const { code, stdout } = await verify([...skip, "--report", "verify.json"], { cluster: broken() });
    expect(code).toBe(0);
    expect(stdout).toContain("– api-rollout         skipped: by hand: one node is drained = less\n");
    expect(readFileSync(join(project.folder, "verify.json"), "utf8")).toContain(
      "by hand: one node is drained = less",
    );
  });

  test.each([
    ["without a reason", "api-rollout", "error: --skip api-rollout: why?"],
    ["with an empty one", "api-rollout= ", "error: --skip api-rollout= : why?"],
    ["by a name that is none", "api-rolout=x", "there is no check api-rolout\ndid you mean api-rollout?"],
    ["of status alone", "alerts=x", "there is no check alerts"],
  ])("is not skipped %s", async (_, skip, said) => {
    const { code, stderr } = await verify(["--skip", skip]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe("--wait", () => {
  test("looks again until every check passes", async () => {
    const cluster = fakeCluster({ objects: withStatus("Deployment", "attic", { updatedReplicas: 1 }) });
    const slept: number[] = [];
    const meanwhile = () => {
      if (slept.length === 3) cluster.objects.splice(0, Infinity, ...wellObjects());
    };
    const { code, json, stderr } = await verify(["--wait", "5m", "--json"], { cluster, slept, meanwhile });
    expect(code).toBe(0);
    expect(json()).toMatchObject({ ok: true, looks: 4 });
    // Once, since nothing changed in between.
    expect(stderr).toBe("not yet: api-rollout\n");
  });

  test("ends with what is wrong when the time is over", async () => {
    const cluster = fakeCluster({ objects: lacking("Certificate", "attic") });
    const slept: number[] = [];
    const { code, json } = await verify(["--wait", "10s", "--json"], { cluster, slept });
    expect(code).toBe(4);
    expect(failed(json())).toEqual({ certificate: "there is no Certificate attic" });
    expect(slept.reduce((sum, each) => sum + each, 0)).toBe(10_000);
  });

  test("outlasts an API server that is away for a moment", async () => {
    const cluster = fakeCluster({ objects: wellObjects() });
    cluster.fail(new ClusterError("unreachable", "it does not answer", ""));
    const { code, json } = await verify(["--wait", "1m", "--json"], {
      cluster,
      meanwhile: () => cluster.fail(undefined),
    });
    expect(code).toBe(0);
    expect(json().looks).toBe(2);
  });

  test("does not outlast one that stays away", async () => {
    const cluster = fakeCluster({ fails: new ClusterError("unreachable", "it does not answer", "") });
    const { code, stderr } = await verify(["--wait", "10s"], { cluster });
    expect(code).toBe(1);
    expect(stderr).toContain("error: it does not answer");
  });
});

describe("nothing to verify", () => {
  test("without a cluster, and then there is no report", async () => {
    const { code } = await project.run(["verify", "--report", "verify.json"]);
    expect(code).toBe(1);
    expect(existsSync(join(project.folder, "verify.json"))).toBe(false);
  });

  test("without Pulumi's state, which has the tokens", async () => {
    const bare = testProject(everyKind, settings);
    const { code, stderr } = await bare.run(["verify", "--endpoint", server.url], {
      cluster: fakeCluster({ objects: wellObjects() }),
    });
    bare.remove();
    expect(code).toBe(3);
    expect(stderr).toContain("error: stack test has no state");
  });

  test("through an endpoint that the tokens would travel to unencrypted", async () => {
    const { code, stderr } = await verify(["--endpoint", "http://nix-cache.example.com/"]);
    expect(code).toBe(2);
    expect(stderr).toContain("plain HTTP");
  });
});

import jsonwebtoken from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PublishedToken } from "../../components/tokens/published.ts";
import type { Settings } from "../../config/schema/index.ts";
import type { RunResult } from "../../embedded/engine/engine.ts";
import program from "../../index.ts";
import { kubectlOutput } from "../support/control-plane.ts";
import { least } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const namespace = "tokens-test";
const settings: Settings = {
  ...least,
  namespace,
  deletionProtection: false,
  network: { enabled: false },
  ingress: { awaitCertificate: false },
  tokens: {
    ci: { "gitlab-main": { caches: { main: ["pull", "push"] } } },
    service: { warmer: { caches: { main: ["pull"] } } },
    root: { admin: { caches: { "*": ["pull", "destroyCache"] } } },
  },
};
const start = Date.parse("2026-11-21T08:00:00Z");

let stack: TestStack;
beforeAll(() => {
  stack = testStack();
});
afterAll(async () => {
  await stack.run("destroy", settings);
  stack.remove();
});

/** Brings the stack to these settings, as an update on a day after the first would. */
const up = (day: number, now: Settings = settings) =>
  stack.run("up", now, { program: () => program(new Date(start + day * 86_400_000)) });

/** What an update changed, by type and name. */
const changed = ({ operation }: RunResult) =>
  [...operation.resources.values()]
    .filter(({ op, type }) => op !== "same" && type !== "pulumi:pulumi:Stack")
    // A replacement is several operations, of which the last is told.
    .map(({ op, type, name }) => `${/replace/.test(op) ? "replace" : op} ${type.split(":").pop()} ${name}`)
    .sort();

/** A token as a workload of the cluster finds it. */
async function inCluster(name: string): Promise<PublishedToken> {
  const data = await kubectlOutput([
    ...["-n", namespace, "get", "secret", "attic-ci-tokens"],
    ...["-o", `jsonpath={.data.${name}}`],
  ]);
  return JSON.parse(Buffer.from(data, "base64").toString()) as PublishedToken;
}

const serverKey = async () => {
  const data = await kubectlOutput([
    ...["-n", namespace, "get", "secret", "attic-secrets", "-o"],
    "jsonpath={.data.ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64}",
  ]);
  return Buffer.from(Buffer.from(data, "base64").toString(), "base64").toString();
};

/** Whether the running server would take a token on a day. */
async function taken(token: string, day: number): Promise<boolean> {
  try {
    jsonwebtoken.verify(token, await serverKey(), {
      algorithms: ["RS256"],
      clockTimestamp: start / 1000 + day * 86_400,
    });
    return true;
  } catch {
    return false;
  }
}

describe("tokens over the months", () => {
  let first: PublishedToken;

  test("on day 0 real tokens are in the cluster, and the server has the key to check them", async () => {
    const { outputs } = await up(0);
    first = await inCluster("gitlab-main");
    expect(first).toMatchObject({ kind: "ci", generation: 1, permissions: ["pull", "push"] });
    expect(await taken(first.secret, 0)).toBe(true);
    expect(outputs.tokens).toMatchObject({ secret: true, value: { "gitlab-main": first } });
    const names = await kubectlOutput([
      ...["-n", namespace, "get", "secret", "attic-ci-tokens"],
      ...["-o", "jsonpath={.data}"],
    ]);
    expect(Object.keys(JSON.parse(names) as object).sort()).toEqual(["gitlab-main", "warmer"]);
  });

  test("until day 75 nothing changes, however often an update runs", async () => {
    expect(changed(await up(0.1))).toEqual([]);
    expect(changed(await up(75))).toEqual([]);
  });

  test("on day 77 the CI token is another one, and the old one stays valid beside it", async () => {
    expect(changed(await up(77))).toEqual([
      "update PrometheusRule attic-tokens",
      "update Secret attic-ci-tokens",
    ]);
    const rotated = await inCluster("gitlab-main");
    expect(rotated.generation).toBe(2);
    expect(rotated.secret).not.toBe(first.secret);
    expect(rotated.previous?.secret).toBe(first.secret);
    expect(await taken(rotated.secret, 77)).toBe(true);
    expect(await taken(first.secret, 89)).toBe(true);
    expect((await inCluster("warmer")).generation).toBe(1);
  });

  test("on day 91 the old one has ended and is published no more", async () => {
    expect(changed(await up(91))).toEqual(["update Secret attic-ci-tokens"]);
    expect(await taken(first.secret, 91)).toBe(false);
    expect(await inCluster("gitlab-main")).not.toHaveProperty("previous");
  });

  test("other permissions are another token at once, of the same generation", async () => {
    const before = await inCluster("gitlab-main");
    const tokens = { ...settings.tokens, ci: { "gitlab-main": { caches: { main: ["pull" as const] } } } };
    expect(changed(await up(92, { ...settings, tokens }))).toEqual(["update Secret attic-ci-tokens"]);
    const after = await inCluster("gitlab-main");
    expect(after).toMatchObject({ generation: 2, issue: 0, permissions: ["pull"] });
    expect(after.secret).not.toBe(before.secret);
    expect(changed(await up(92))).toEqual(["update Secret attic-ci-tokens"]);
    expect((await inCluster("gitlab-main")).secret).toBe(before.secret);
  });

  test("one that is revoked by name is refused at the ingress, and its holders get another", async () => {
    const before = await inCluster("gitlab-main");
    const revoked = [
      { token: "gitlab-main", generation: 2, expires: "2027-06-01T00:00:00Z", reason: "leaked" },
    ];
    const tokens = { ...settings.tokens, revoked };
    expect(changed(await up(93, { ...settings, tokens }))).toEqual([
      "create Middleware attic-refuse",
      "create TraefikService attic-refused",
      "update IngressRoute attic",
      "update Secret attic-ci-tokens",
    ]);
    const after = await inCluster("gitlab-main");
    expect(after).toMatchObject({ generation: 2, issue: 1 });
    expect(after.secret).not.toBe(before.secret);
    expect(changed(await up(93, { ...settings, tokens }))).toEqual([]);
    // Half a year on the entry may still stand there: the token has ended by itself, and so does the refusal.
    const late = changed(await up(200, { ...settings, tokens }));
    expect(late).toContain("update IngressRoute attic");
    expect(late).toContain("delete Middleware attic-refuse");
  });

  test("a root token is made anew when its generation is raised, not when it is due", async () => {
    expect(changed(await up(200)).filter((line) => line.includes("token-admin"))).toEqual([]);
    const root = { admin: { caches: { "*": ["pull" as const] }, generation: 2 } };
    const tokens = { ...settings.tokens, root };
    expect(changed(await up(200, { ...settings, tokens }))).toEqual([
      "create Stash token-admin-2",
      "delete Stash token-admin-1",
      "update PrometheusRule attic-tokens",
    ]);
    await up(200);
  });

  test("a signing key of a higher generation voids them all, and the plan says so", async () => {
    const before = await inCluster("gitlab-main");
    const tokens = { ...settings.tokens, signingKey: { generation: 2 } };
    // While the stack is protected, not even an update that nobody previewed gets that far.
    const kept = { ...settings, deletionProtection: true };
    await up(201, kept);
    await expect(up(201, { ...kept, tokens })).rejects.toThrow("unable to replace resource");
    expect(await inCluster("gitlab-main")).toEqual(before);
    expect(await taken(before.secret, 201)).toBe(true);
    await up(201);
    expect(await inCluster("gitlab-main")).toEqual(before);

    const plan = await stack.run(
      "preview",
      { ...settings, tokens },
      { program: () => program(new Date(start + 201 * 86_400_000)) },
    );
    expect(plan.diagnostics.map(({ message }) => message).join()).toContain(
      "every token that was minted before is void",
    );

    const done = await up(201, { ...settings, tokens });
    expect(changed(done)).toEqual([
      "replace PrivateKey signing-key",
      "replace Stash signing-key-made",
      "update Deployment attic",
      "update Deployment attic-gc",
      "update PrometheusRule attic-tokens",
      "update Secret attic-ci-tokens",
      "update Secret attic-secrets",
    ]);
    const after = await inCluster("gitlab-main");
    expect(await taken(before.secret, 201)).toBe(false);
    expect(await taken(after.secret, 201)).toBe(true);
    expect(after.generation).toBe(1);
    const quiet = await up(202, { ...settings, tokens });
    expect(changed(quiet)).toEqual([]);
    expect(quiet.diagnostics).toEqual([]);
  });
});

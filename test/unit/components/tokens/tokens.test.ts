import * as pulumi from "@pulumi/pulumi";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Settings } from "../../../../config/schema/index.ts";
import { find, object, recordAnew, recordProgram } from "../../../support/record.ts";

type Tokens = NonNullable<Settings["tokens"]>;

const declared: Tokens = {
  ci: { "gitlab-main": { caches: { main: ["pull", "push"] } } },
  root: { admin: { caches: { "*": ["pull", "destroyCache"] } } },
};
const later = new Date("2027-02-10T08:00:00Z");

describe.each([
  ["in a preview, when no key is known yet", true],
  ["in an update", false],
])("tokens, %s", (_, preview) => {
  test("stand in one Secret, every value of it secret, without root's", async () => {
    const recording = await recordProgram({ tokens: declared }, { preview });
    const secret = object(recording, "Secret", "attic-ci-tokens");
    expect(secret.stringData ?? secret.data).toEqual(preview ? "[secret]" : { "gitlab-main": "[secret]" });
    expect(JSON.stringify(recording)).not.toMatch(/eyJ[\w-]+\./);
  });

  test("are secret outputs, with the moment that generations are counted from in plain", async () => {
    const { outputs } = await recordProgram({ tokens: declared }, { preview });
    const json = JSON.stringify(outputs.tokens);
    expect(json).toContain("[secret]");
    expect(json).not.toMatch(/pull|2026/);
    expect(outputs.tokenAnchor).toBe("2026-11-21T08:00:00.000Z");
  });

  test("are watched by a PrometheusRule, which knows when they end without knowing them", async () => {
    const recording = await recordProgram({ tokens: declared }, { preview });
    const rule = object(recording, "PrometheusRule", "attic-tokens");
    const [group] = (rule.spec as { groups: { rules: { labels: object }[] }[] }).groups;
    expect(group?.rules.map(({ labels }) => labels)).toContainEqual({
      namespace: "nix-cache",
      token: "admin",
      kind: "root",
      generation: "1",
    });
  });

  test("remember when the key was made and when a root token was asked for, and nothing else", async () => {
    const recording = await recordProgram({ tokens: declared }, { preview });
    const stashes = recording.resources.filter(({ type }) => type === "pulumi:index:Stash");
    expect(stashes.map(({ name }) => name).sort()).toEqual(["signing-key-made", "token-admin-1"]);
  });
});

describe("a stack without tokens", () => {
  test("has no Secret for them and no rule", async () => {
    const { resources, outputs } = await recordProgram({});
    expect(resources.filter(({ name }) => /attic-ci-tokens|attic-tokens/.test(name))).toEqual([]);
    expect(outputs.tokens).toEqual({});
  });

  test("has no Secret either when nothing is for the cluster", async () => {
    const { resources } = await recordProgram({ tokens: { root: declared.root } });
    expect(resources.filter(({ name }) => name === "attic-ci-tokens")).toEqual([]);
    expect(resources.filter(({ name }) => name === "attic-tokens")).toHaveLength(1);
  });
});

test("without rules, nothing of the Prometheus operator's is made for tokens", async () => {
  const { resources } = await recordProgram({
    tokens: declared,
    observability: { rules: { enabled: false } },
  });
  expect(resources.filter(({ type }) => type.endsWith(":PrometheusRule"))).toEqual([]);
});

test.each(["with", "without"])("%s rules, the component tells their dates, and no secret", async (rules) => {
  const { prototype } = pulumi.ComponentResource as unknown as {
    prototype: { registerOutputs(outputs?: { calendar?: pulumi.Output<unknown> }): void };
  };
  const told = vi.spyOn(prototype, "registerOutputs");
  onTestFinished(() => told.mockRestore());
  await recordAnew({ tokens: declared, observability: { rules: { enabled: rules === "with" } } });
  const [calendar] = told.mock.calls.flatMap(([outputs]) => outputs?.calendar ?? []);
  expect(calendar && (await pulumi.isSecret(calendar))).toBe(false);
  expect(await new Promise((resolve) => calendar?.apply(resolve))).toEqual({
    "gitlab-main": {
      kind: "ci",
      generation: 1,
      issue: 0,
      expires: "2027-02-19T07:50:00Z",
      rotates: "2027-02-05T08:00:00Z",
    },
    admin: expect.objectContaining({ kind: "root", generation: 1, issue: 0 }),
  });
});

describe("the signing key", () => {
  const isProtected = async (deletionProtection: boolean, kept?: boolean) => {
    const tokens = kept === undefined ? {} : { signingKey: { protected: kept } };
    return find(await recordProgram({ deletionProtection, tokens }), "PrivateKey", "signing-key").protect;
  };

  test("is protected where the stack is, unless it is to be made anew", async () => {
    expect(await isProtected(true)).toBe(true);
    expect(await isProtected(true, false)).toBe(false);
    expect(await isProtected(false)).toBe(false);
    expect(await isProtected(false, true)).toBe(false);
  });

  test.each<[string, boolean, boolean, number]>([
    ["let go of in a protected stack is told of", true, false, 1],
    ["that is kept is not told of", true, true, 0],
    ["of a stack without protection is not told of", false, false, 0],
  ])("%s", async (_, deletionProtection, kept, times) => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    onTestFinished(() => warn.mockRestore());
    await recordAnew({ deletionProtection, tokens: { signingKey: { protected: kept } } });
    const told = warn.mock.calls.filter(([text]) => text.includes("tokens.signingKey.protected is false"));
    expect(told).toHaveLength(times);
  });
});

describe("a revoked token", () => {
  const revoked = [
    { token: "gitlab-main", generation: 1, expires: "2027-02-01T00:00:00Z", reason: "leaked" },
  ];
  const rules = async (now?: Date) => {
    const recording = await recordProgram({ tokens: { ...declared, revoked } }, { now });
    const { routes } = object(recording, "IngressRoute", "attic").spec as { routes: { match: string }[] };
    return routes.filter(({ match }) => match.includes("Authorization"));
  };

  test("is refused by a route, until it has ended by itself", async () => {
    expect(await rules()).toHaveLength(1);
    expect(await rules(later)).toEqual([]);
  });
});

import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { traefikArguments } from "../../../components/ingress/requirements.ts";
import { refusalService, serviceLabel, serviceLabels } from "../../../components/ingress/routes.ts";
import { ingressRoute } from "../../../components/ingress/traefik.ts";
import { calendar } from "../../../components/tokens/calendar.ts";
import { type MintedToken, mint } from "../../../components/tokens/mint.ts";
import { refusals, tokenFragment } from "../../../components/tokens/revocation.ts";
import type { Settings } from "../../../config/schema/index.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";
import { testKey } from "../../support/keys.ts";
import { stackConfig } from "../../support/settings.ts";
import { type Ask, ask, askByHttp2, askVerbatim, served, type Target } from "../ingress/client.ts";
import { parseMetrics, total } from "../ingress/metrics.ts";
import { applyAll, applyStack, type EdgeStack, removeStack } from "../ingress/stack.ts";
import { type Stub, startStub } from "../ingress/stub.ts";
import { startTraefik, type Traefik } from "../ingress/traefik.ts";
import { spellings } from "./spellings.ts";

type Tokens = NonNullable<Settings["tokens"]>;

const now = new Date("2026-11-21T08:00:00Z");
const expires = "2027-02-19T08:00:00Z";
const key = testKey("refusals");
const publicKey = createPublicKey(key.publicKeyPem);
const hash = "s66mzxpvicwk07gjbjfw9izjfa797vsw";

const declared: Tokens = {
  ci: {
    leaked: { caches: { main: ["pull", "push"] } },
    found: { caches: { main: ["pull", "push"] } },
    good: { caches: { main: ["pull", "push"] } },
  },
};

/** What clients ask for, by the route that it takes. */
const requests: Record<string, Ask> = {
  narinfo: { path: `/main/${hash}.narinfo` },
  nar: { path: `/main/nar/${hash}.nar` },
  cacheInfo: { path: "/main/nix-cache-info" },
  upload: { method: "PUT", path: "/_api/v1/upload-path" },
  api: { method: "POST", path: "/_api/v1/get-missing-paths" },
  other: { path: "/" },
};
/** The length decides how base64 shows the token. */
const users = ["", "a", "ab", "abc", "abcd", "abcde"];
const basic = (user: string, token: string) => `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
const presented = (token: string) => [`Bearer ${token}`, ...users.map((user) => basic(user, token))];

let stub: Stub;
let traefik: Traefik;
let stack: EdgeStack;
/** Every token that is declared, by its name, from before any was revoked. */
let tokens: Record<string, string>;
/** That in the place of `leaked`. */
let reissued: string;
let revoked: NonNullable<Tokens["revoked"]>;

const minted = async (settings: Tokens): Promise<MintedToken[]> => {
  const config = stackConfig({ tokens: settings });
  return mint(config, calendar(config, now, { key: now.toISOString(), roots: {} }), key.privateKeyPem);
};

const rules = (at: Date) => refusals(stackConfig({ tokens: { ...declared, revoked } }), at);

beforeAll(async () => {
  tokens = Object.fromEntries((await minted(declared)).map(({ name, secret }) => [name, secret]));
  revoked = [
    { token: "leaked", generation: 1, reason: "printed by a job" },
    { fragment: tokenFragment(tokens.found as string), expires, reason: "found in a repository" },
  ];
  reissued = (await minted({ ...declared, revoked }))[0]?.secret as string;
  stub = await startStub();
  const ingress = { rateLimit: { average: 10_000, burst: 10_000 } };
  stack = await applyStack("tokens.example.com", { port: stub.port, ingress, refusals: rules(now) });
  traefik = await startTraefik({
    kubeconfig: sharedControlPlane().kubeconfig,
    namespaces: [stack.namespace],
    entryPoints: ["web", "websecure"],
    args: traefikArguments(stack.config),
  });
  await served(at());
});

afterAll(async () => {
  await traefik?.stop();
  stub?.close();
  if (stack) await removeStack(stack);
});

const at = (): Target => ({ host: stack.host, port: traefik.ports.websecure as number });
const present = (what: Ask, ...authorization: string[]) =>
  ask(at(), { ...what, headers: { authorization, connection: "close" } });
const counted = async (service: string) =>
  total(parseMetrics(await traefik.metrics()), "traefik_router_requests_total", { service });

describe.each(Object.entries(requests))("on the route %s", (route, what) => {
  test.each(["leaked", "found"])("the token %s is refused, and nothing reaches the server", async (name) => {
    const label = serviceLabel(stack.namespace, refusalService);
    const [reached, before] = [stub.received.length, await counted(label)];
    const values = presented(tokens[name] as string);
    for (const value of values) {
      const { status, headers } = await present(what, value);
      expect({ status, headers }).toMatchObject({
        status: 401,
        headers: {
          "strict-transport-security": "max-age=31536000",
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "referrer-policy": "no-referrer",
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
      });
    }
    expect(stub.received).toHaveLength(reached);
    await expect.poll(async () => (await counted(label)) - before).toBe(values.length);
  });

  test("a token that nobody revoked reaches the server as it was sent, and so does one minted in another's place", async () => {
    const label = serviceLabels(stack.namespace)[route as keyof typeof requests & "narinfo"];
    const before = await counted(label);
    const values = [...presented(tokens.good as string), ...presented(reissued)];
    for (const value of values) {
      expect((await present(what, value)).status).toBe(200);
      expect(stub.received.at(-1)?.headers.authorization).toBe(value);
    }
    await expect.poll(async () => (await counted(label)) - before).toBe(values.length);
  });

  test("nobody's request reaches the server", async () => {
    expect((await ask(at(), what)).status).toBe(200);
    expect(stub.received.at(-1)).toMatchObject({ path: what.path });
    expect(stub.received.at(-1)?.headers).not.toHaveProperty("authorization");
  });
});

test("what is refused is one router, whose metrics count for no objective", async () => {
  const samples = parseMetrics(await traefik.metrics()).filter(
    ({ name, labels }) => name === "traefik_router_requests_total" && labels.code === "401",
  );
  const label = serviceLabel(stack.namespace, refusalService);
  expect(new Set(samples.map(({ labels }) => labels.service))).toEqual(new Set([label]));
  expect(new Set(samples.map(({ labels }) => labels.router)).size).toBe(1);
  expect(Object.values(serviceLabels(stack.namespace))).not.toContain(label);
});

describe("however a revoked token is written", () => {
  const rows = (token: string) => spellings(token, publicKey);
  test("it is refused, if the server would take it", async () => {
    for (const name of ["leaked", "found"]) {
      for (const { what, headers } of rows(tokens[name] as string).filter(({ taken }) => taken)) {
        const reached = stub.received.length;
        expect((await present(requests.narinfo as Ask, ...headers)).status, what).toBe(401);
        expect(stub.received, what).toHaveLength(reached);
      }
    }
  });

  test("Traefik passes on what it was sent, so the server would read what the rules have read", async () => {
    const all = rows(tokens.good as string);
    expect(all.length).toBeGreaterThan(50);
    for (const { what, headers } of all) {
      expect((await present(requests.narinfo as Ask, ...headers)).status, what).toBe(200);
      const { rawHeaders = [] } = stub.received.at(-1) ?? {};
      const passed = rawHeaders.filter(
        (_, index) => rawHeaders[index - 1]?.toLowerCase() === "authorization",
      );
      expect(passed, what).toEqual(headers);
    }
  });

  test("in letters, lines and spaces that HTTP allows, it is refused", async () => {
    const begin = [`GET /main/${hash}.narinfo HTTP/1.1`, `Host: ${stack.host}`];
    const reached = stub.received.length;
    for (const lines of [
      [`authorization: Bearer ${tokens.leaked}`],
      [`AUTHORIZATION:bearer ${tokens.leaked}`],
      [`Authorization: \t Bearer ${tokens.leaked} \t `],
      ["Authorization: Bearer", ` ${tokens.leaked}`],
    ]) {
      expect(await askVerbatim(at(), [...begin, ...lines]), lines[0]).toBe(401);
    }
    expect(stub.received).toHaveLength(reached);
  });

  test("with a wish that it be dropped on the way, it is dropped, and the request is nobody's", async () => {
    const { path } = requests.narinfo as Ask;
    const lines = [`Authorization: Bearer ${tokens.leaked}`, "Connection: Authorization"];
    expect(await askVerbatim(at(), [`GET ${path} HTTP/1.1`, `Host: ${stack.host}`, ...lines])).toBe(200);
    expect(stub.received.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test("by HTTP/2, it is refused", async () => {
    const { path } = requests.narinfo as Ask;
    expect(await askByHttp2(at(), path, { authorization: `Bearer ${tokens.leaked}` })).toBe(401);
    expect(await askByHttp2(at(), path, { authorization: `Bearer ${tokens.good}` })).toBe(200);
  });

  test("in the address, the server never sees it", async () => {
    const { path } = requests.narinfo as Ask;
    const line = `GET https://nix:${tokens.leaked}@${stack.host}${path} HTTP/1.1`;
    await askVerbatim(at(), [line, `Host: ${stack.host}`]);
    expect(JSON.stringify(stub.received.map(({ path, rawHeaders }) => [path, rawHeaders]))).not.toContain(
      tokens.leaked,
    );
  });
});

describe("the entries", () => {
  const apply = (at: Date) => applyAll([ingressRoute(stack.config, rules(at))]);
  const statusOf = (name: string) => async () =>
    (await present(requests.narinfo as Ask, `Bearer ${tokens[name]}`)).status;

  test("lose their rule when the token has ended by itself, and a new one counts within seconds", async () => {
    await apply(new Date(expires));
    await expect.poll(statusOf("found"), { timeout: 10_000 }).toBe(200);
    expect(await statusOf("leaked")()).toBe(401);

    revoked = [{ token: "good", generation: 1, reason: "printed by a job" }];
    await apply(now);
    await expect.poll(statusOf("good"), { timeout: 10_000 }).toBe(401);
    expect(await statusOf("leaked")()).toBe(200);

    revoked = [];
    await apply(now);
    await expect.poll(statusOf("good"), { timeout: 10_000 }).toBe(200);
  });
});

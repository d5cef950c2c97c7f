import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buckets, traefikArguments } from "../../../components/ingress/requirements.ts";
import { refusalService, routes, serviceLabel, serviceLabels } from "../../../components/ingress/routes.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";
import { type Ask, ask, askByHttp2, served, type Target } from "./client.ts";
import { parseMetrics, type Sample, total } from "./metrics.ts";
import { requests } from "./requests.ts";
import { applyAll, applyStack, type EdgeStack, removeStack } from "./stack.ts";
import { type Stub, startStub, stubHeaders } from "./stub.ts";
import { startTraefik, type Traefik } from "./traefik.ts";

const narinfo = "/main/s66mzxpvicwk07gjbjfw9izjfa797vsw.narinfo";
const requestsTotal = "traefik_router_requests_total";

let stub: Stub;
let traefik: Traefik;
/** As most are: clients reach Traefik directly. */
let main: EdgeStack;
/** Behind one proxy, with limits that are soon reached. */
let proxied: EdgeStack;
/** The same limits, and clients reach Traefik directly. */
let direct: EdgeStack;
/** Its pods are gone, though Traefik does not know yet. */
let gone: EdgeStack;
/** It has no pods. */
let empty: EdgeStack;

beforeAll(async () => {
  const { stateDir, kubeconfig } = sharedControlPlane();
  stub = await startStub();
  const { port } = stub;
  const limits = { rateLimit: { average: 1, burst: 5 } };
  // Nothing listens there: it is where a stub was.
  const former = await startStub();
  former.close();
  [main, proxied, direct, gone, empty] = await Promise.all([
    // The name that the control plane's own certificate is for.
    applyStack("kubernetes.default.svc", { port, refusals: ["HeaderRegexp(`Authorization`, `revoked`)"] }),
    applyStack("proxied.example.com", {
      port,
      ingress: { ...limits, trustedProxyDepth: 1, trustedProxies: ["127.0.0.1/32"] },
    }),
    applyStack("direct.example.com", { port, ingress: limits }),
    applyStack("gone.example.com", { port: former.port }),
    applyStack("empty.example.com", {}),
  ]);
  const pem = (name: string) => readFile(join(stateDir, "pki", `apiserver.${name}`), "utf8");
  await applyAll([
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "attic-tls", namespace: main.namespace },
      stringData: { "tls.crt": await pem("crt"), "tls.key": await pem("key") },
    },
    challenge(main),
  ]);
  const stacks = [main, proxied, direct, gone, empty];
  traefik = await startTraefik({
    kubeconfig,
    namespaces: stacks.map(({ namespace }) => namespace),
    entryPoints: ["web", "websecure"],
    args: traefikArguments(proxied.config),
  });
  for (const stack of stacks) await served(at(stack));
});

afterAll(async () => {
  await traefik?.stop();
  stub?.close();
  await Promise.all([main, proxied, direct, gone, empty].filter(Boolean).map(removeStack));
});

/** What a certificate's solver adds to the host. */
const challenge = ({ namespace, host }: EdgeStack) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "IngressRoute",
  metadata: { name: "solver", namespace },
  spec: {
    routes: [
      {
        kind: "Rule",
        match: `Host(\`${host}\`) && PathPrefix(\`/.well-known/acme-challenge/token\`)`,
        services: [{ name: "attic", port: "http" }],
      },
    ],
  },
});

const at = ({ host }: EdgeStack, entryPoint: "web" | "websecure" = "websecure"): Target => ({
  host,
  port: traefik.ports[entryPoint] as number,
  secure: entryPoint === "websecure",
});

const scrape = async () => parseMetrics(await traefik.metrics());

/** What a request added to a metric, by the label `service`. Metrics follow the answer by a moment. */
async function added(metric: string, request: () => Promise<unknown>): Promise<Record<string, number>> {
  const byService = (samples: Sample[]) =>
    Object.groupBy(
      samples.filter(({ name }) => name === metric),
      ({ labels }) => labels.service ?? "",
    );
  const before = byService(await scrape());
  await request();
  for (let i = 0; i < 50; i++) {
    const after = byService(await scrape());
    const grown = Object.keys(after)
      .map(
        (service) =>
          [
            service,
            total(after[service] ?? [], metric, {}) - total(before[service] ?? [], metric, {}),
          ] as const,
      )
      .filter(([, growth]) => growth > 0);
    if (grown.length > 0) return Object.fromEntries(grown);
    await sleep(20);
  }
  return {};
}

describe("a request", () => {
  test.each(requests)("%s %s counts for the route %s", async (method, path, route) => {
    const count = await added(requestsTotal, async () => {
      expect((await ask(at(main), { method, path })).status).toBe(200);
    });
    expect(count).toEqual({ [serviceLabels(main.namespace)[route]]: 1 });
    expect(stub.received.at(-1)).toMatchObject({ method, path });
  });

  test("reaches the server by HTTP/1.1 and under its own Host, also when it came by HTTP/2", async () => {
    expect(await askByHttp2(at(main), "/by-http2")).toBe(200);
    expect(stub.received.at(-1)).toMatchObject({
      path: "/by-http2",
      httpVersion: "1.1",
      headers: { host: main.host, "x-forwarded-proto": "https" },
    });
  });

  test.each([404, 401, 500])("keeps the server's answer of %d, body and all", async (status) => {
    const answer = await ask(at(main), { path: narinfo, headers: { [stubHeaders.status]: String(status) } });
    expect(answer).toMatchObject({
      status,
      body: "from the stub",
      headers: { "content-type": "application/x-stub" },
    });
    const code = { code: String(status), service: serviceLabels(main.namespace).narinfo };
    await expect.poll(async () => total(await scrape(), requestsTotal, code)).toBe(1);
  });

  test("for another host is Traefik's own 404, and reaches nothing", async () => {
    const before = stub.received.length;
    expect((await ask({ ...at(main), host: "other.example.com" }, { path: narinfo })).status).toBe(404);
    expect(stub.received).toHaveLength(before);
  });
});

describe("TLS", () => {
  test("is with the certificate of the Secret", async () => {
    const { port, host } = at(main);
    const socket = connect({ port, host: "127.0.0.1", servername: host, rejectUnauthorized: false });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    expect(socket.getPeerCertificate().subject.CN).toBe("kube-apiserver");
    socket.destroy();
  });

  test.each([
    ["GET", 301],
    ["PUT", 308],
  ])("is where plain HTTP is sent: %s gets %d", async (method, status) => {
    const before = stub.received.length;
    const answer = await ask(at(main, "web"), { method, path: `${narinfo}?x=1` });
    expect(answer).toMatchObject({ status, headers: { location: `https://${main.host}${narinfo}?x=1` } });
    expect(stub.received).toHaveLength(before);
  });

  test("leaves a certificate challenge alone, which comes by plain HTTP", async () => {
    const answer = await ask(at(main, "web"), { path: "/.well-known/acme-challenge/token" });
    expect(answer).toMatchObject({ status: 200, body: "from the stub" });
  });
});

test.each([
  ["an answer", { path: narinfo }, 200],
  ["a cache miss", { path: narinfo, headers: { [stubHeaders.status]: "404" } }, 404],
  ["a refusal", { path: narinfo, headers: { authorization: "Bearer revoked" } }, 401],
])("%s has the security headers", async (_, what: Ask, status) => {
  expect(await ask(at(main), what)).toMatchObject({
    status,
    headers: {
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  });
});

describe("a client", () => {
  const from = (stack: EdgeStack, address: string, path = narinfo) =>
    ask(at(stack), { path, headers: { "x-forwarded-for": address } }).then(({ status }) => status);
  const exhaust = async (stack: EdgeStack, address: string) => {
    const statuses = await Promise.all(Array.from({ length: 12 }, () => from(stack, address)));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
    expect(statuses).toContain(429);
  };

  test("that asks too much gets 429, and another behind the same proxy does not", async () => {
    await exhaust(proxied, "192.0.2.1");
    expect(await from(proxied, "192.0.2.1")).toBe(429);
    expect(await from(proxied, "192.0.2.2")).toBe(200);
  });

  test("is the address that the proxy added, whatever it claims itself", async () => {
    await exhaust(proxied, "192.0.2.3");
    expect(await from(proxied, "198.51.100.7, 192.0.2.3")).toBe(429);
  });

  test("with IPv6 is its /64", async () => {
    await exhaust(proxied, "2001:db8:0:1::1");
    expect(await from(proxied, "2001:db8:0:1:ffff::2")).toBe(429);
    expect(await from(proxied, "2001:db8:0:2::1")).toBe(200);
  });

  test("is the connection's address where no proxy is, so that claiming others does not help", async () => {
    await exhaust(direct, "192.0.2.4");
    expect(await from(direct, "192.0.2.5")).toBe(429);
  });

  test("has a limit for each route: a burst of narinfos does not keep it from a NAR", async () => {
    await exhaust(proxied, "192.0.2.6");
    expect(await from(proxied, "192.0.2.6", "/main/nix-cache-info")).toBe(200);
  });

  test("that is refused for its token gets 401, by Bearer and Basic, and counts for no route", async () => {
    const before = stub.received.length;
    const count = await added(requestsTotal, async () => {
      expect(
        await ask(at(main), { path: narinfo, headers: { authorization: "Basic xrevokedx" } }),
      ).toMatchObject({ status: 401 });
    });
    expect(count).toEqual({ [serviceLabel(main.namespace, refusalService)]: 1 });
    expect(stub.received).toHaveLength(before);
  });
});

describe("pods that cannot be reached", () => {
  /** The attempts after the first one. No metric counts them, whatever its name. */
  const retries = async (method: string, path: string) => {
    const before = traefik.log().length;
    expect((await ask(at(gone), { method, path })).status).toBe(502);
    return [
      ...traefik
        .log()
        .slice(before)
        .matchAll(/New attempt/g),
    ].length;
  };

  test("are tried three times for what only reads", async () => {
    expect(await retries("GET", narinfo)).toBe(2);
  });

  test("are tried once for uploads and calls of the API", async () => {
    expect(await retries("PUT", "/_api/v1/upload-path")).toBe(0);
    expect(await retries("POST", "/_api/v1/get-missing-paths")).toBe(0);
  });

  test("are an error and no cache miss, where there are none", async () => {
    expect((await ask(at(empty), { path: narinfo })).status).toBe(503);
  });
});

test("the histogram of each route has the bounds that the objectives need", async () => {
  await ask(at(main), { path: narinfo });
  const samples = await scrape();
  for (const service of Object.values(serviceLabels(main.namespace))) {
    const bounds = samples
      .filter(({ name }) => name === "traefik_router_request_duration_seconds_bucket")
      .filter(({ labels }) => labels.service === service)
      .map(({ labels }) => Number(labels.le?.replace("+Inf", "Infinity")));
    expect([...new Set(bounds)].sort((a, b) => a - b)).toEqual([...buckets, Number.POSITIVE_INFINITY]);
  }
  const labels = samples.find(({ name }) => name === requestsTotal)?.labels ?? {};
  expect(Object.keys(labels).sort()).toEqual(["code", "method", "protocol", "router", "service"]);
  expect(Object.keys(routes)).toHaveLength(6);
});

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ClusterError, type KubeObject } from "../../../../cli/cluster/index.ts";
import { prometheusAt, prometheusIn, readPrometheus } from "../../../../cli/status/read/prometheus.ts";
import { fakeCluster } from "../cluster.ts";

const question = { namespace: "nix-cache", ruleGroups: ["attic-slo", "attic-backups"], lag: "max(lag)" };

const service = (labels: Record<string, string>, port: { name?: string; port: number }) =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "prometheus-operated", namespace: "monitoring", labels },
    spec: { ports: [{ name: "grpc", port: 10901 }, port] },
  }) as KubeObject;

const alert = (alertname: string, state: string, namespace: string) => ({
  state,
  labels: { alertname, severity: "critical", namespace },
  annotations: { summary: `${alertname}!` },
});

/** What a Prometheus answers, below its `api/v1/`. */
const answers = {
  alerts: {
    data: {
      alerts: [
        alert("AtticApiDown", "firing", "nix-cache"),
        alert("AtticPodsNotReady", "pending", "nix-cache"),
        alert("Watchdog", "firing", "monitoring"),
      ],
    },
  },
  rules: {
    data: {
      groups: [
        { name: "attic-slo", file: "/etc/prometheus/rules/nix-cache-attic-slo-1.yaml" },
        { name: "attic-backups", file: "/etc/prometheus/rules/another-stack-1.yaml" },
      ],
    },
  },
  "query?query=max(lag)": { data: { result: [{ value: [0, "2.5"] }] } },
};
const proxy = "/api/v1/namespaces/monitoring/services/http:prometheus-operated:9090/proxy/api/v1/";
const raw = Object.fromEntries(Object.entries(answers).map(([path, answer]) => [proxy + path, answer]));
const operated = service({ "operated-prometheus": "true" }, { name: "http-web", port: 9090 });

describe("a Prometheus in the cluster", () => {
  test("tells what fires in the stack's namespace, what it has not loaded there, and the lag", async () => {
    const cluster = fakeCluster({ objects: [operated], raw });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toEqual({
      is: "there",
      value: {
        from: "Service monitoring/prometheus-operated",
        firing: [{ alert: "AtticApiDown", severity: "critical", summary: "AtticApiDown!" }],
        unloaded: ["attic-backups"],
        replicationLag: 2.5,
      },
    });
  });

  test("is found by its chart's label, too, and not by a port that is none of its own", async () => {
    const label = { "app.kubernetes.io/name": "prometheus" };
    const found = await prometheusIn(fakeCluster({ objects: [service(label, { name: "http", port: 80 })] }));
    expect(found?.from).toBe("Service monitoring/prometheus-operated");
    expect(await prometheusIn(fakeCluster({ objects: [service(label, { port: 8080 })] }))).toBeUndefined();
  });

  test("is asked for the stack's groups alone", async () => {
    const groups = [
      { name: "attic-slo", file: "nix-cache-a" },
      { name: "attic-backups", file: "nix-cache-b" },
    ];
    const rules = `${proxy}rules?rule_group%5B%5D=attic-slo&rule_group%5B%5D=attic-backups`;
    const cluster = fakeCluster({
      objects: [operated],
      raw: { [rules]: { data: { groups } }, [`${proxy}alerts`]: answers.alerts },
    });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toMatchObject({
      value: { unloaded: [] },
    });
  });

  test("that does not tell its rules tells its alerts", async () => {
    const cluster = fakeCluster({ objects: [operated], raw: { [`${proxy}alerts`]: answers.alerts } });
    const found = await readPrometheus(() => prometheusIn(cluster), question);
    expect(found).toMatchObject({ is: "there", value: { firing: { length: 1 } } });
    expect(found).not.toHaveProperty("value.unloaded");
  });

  test("that measures no lag leaves it out", async () => {
    const cluster = fakeCluster({
      objects: [operated],
      raw: { ...raw, [`${proxy}query`]: { data: { result: [] } } },
    });
    const found = await readPrometheus(() => prometheusIn(cluster), { ...question, lag: "none" });
    expect(found).not.toHaveProperty("value.replicationLag");
  });

  test.each([
    ["is not there", fakeCluster(), { is: "missing", what: "Prometheus was found; --prometheus names one" }],
    [
      "may not be looked for",
      fakeCluster({ forbidden: ["Service"] }),
      { is: "unreadable", why: 'User "ann" cannot list Service' },
    ],
    [
      "has no pod that answers",
      fakeCluster({ objects: [operated] }),
      { is: "unreadable", why: "Service monitoring/prometheus-operated answers HTTP 404" },
    ],
    [
      "is something else",
      fakeCluster({ objects: [operated], raw: { [proxy]: "<html>" } }),
      {
        is: "unreadable",
        why: "Service monitoring/prometheus-operated answers something else than Prometheus does",
      },
    ],
    [
      "is out of reach",
      fakeCluster({ fails: new ClusterError("unreachable", "no", "") }),
      { is: "unreadable", why: "no" },
    ],
  ])("%s: that is a result, and no failure", async (_, cluster, expected) => {
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toEqual(expected);
  });
});

describe("a Prometheus at a URL", () => {
  let server: Server | undefined;
  afterEach(async () => {
    if (!server?.listening) return;
    server.close();
    await once(server, "close");
  });

  async function serve(): Promise<{ url: URL; seen: string[] }> {
    const seen: string[] = [];
    server = createServer((request, response) => {
      seen.push(`${request.headers.authorization} ${request.url}`);
      const path = decodeURIComponent((request.url ?? "").replace("/prometheus/api/v1/", ""));
      const answer = Object.entries(answers).find(([each]) => path.startsWith(each))?.[1];
      response.end(JSON.stringify(answer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: new URL(`http://ann:hunter2@127.0.0.1:${port}/prometheus`), seen };
  }

  test("is asked below its path, with its password, which is shown nowhere", async () => {
    const { url, seen } = await serve();
    const found = await readPrometheus(async () => prometheusAt(url), question);
    expect(found).toMatchObject({ is: "there", value: { replicationLag: 2.5, firing: { length: 1 } } });
    expect(seen).toContain(
      `Basic ${Buffer.from("ann:hunter2").toString("base64")} /prometheus/api/v1/alerts`,
    );
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("that does not answer is a result, without the password in it", async () => {
    const { url } = await serve();
    server?.close();
    const found = await readPrometheus(async () => prometheusAt(url), question);
    expect(found).toEqual({ is: "unreadable", why: "it does not answer: ECONNREFUSED" });
  });
});

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ClusterError, type KubeObject } from "../../../../cli/cluster/index.ts";
import { prometheusAt, prometheusIn, readPrometheus } from "../../../../cli/status/read/prometheus.ts";
import { fakeCluster } from "../cluster.ts";

const question = {
  namespace: "nix-cache",
  ruleGroups: [
    { name: "sloth-availability", rule: "attic-slo" },
    { name: "attic-backups", rule: "attic-alerts" },
  ],
  lag: "max(lag)",
};

const service = (
  labels: Record<string, string>,
  port: { name?: string; port: number },
  namespace = "monitoring",
) =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "prometheus-operated", namespace, labels },
    spec: { ports: [{ name: "grpc", port: 10901 }, port] },
  }) as KubeObject;

const alert = (alertname: string, state: string, namespace: string) => ({
  state,
  labels: { alertname, severity: "critical", namespace },
  annotations: { summary: `${alertname}!`, runbook_url: `https://runbooks.example/${alertname}` },
});

/** How the operator calls the file of a PrometheusRule. */
const ruleFile = (namespace: string, rule: string) =>
  `/etc/prometheus/rules/prometheus-kps-rulefiles-0/${namespace}-${rule}-0c1d9a3e-5b7f-4c2d-8e6a-1f3b5d7c9e02.yaml`;

/** The stack's groups, as a Prometheus tells them that has them for some namespace. */
const groupsOf = (namespace: string) => ({
  data: { groups: question.ruleGroups.map(({ name, rule }) => ({ name, file: ruleFile(namespace, rule) })) },
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
  rules: groupsOf("nix-cache"),
  "query?query=max(lag)": { data: { result: [{ value: [0, "2.5"] }] } },
};
const proxy = "/api/v1/namespaces/monitoring/services/http:prometheus-operated:9090/proxy/api/v1/";
const raw = Object.fromEntries(Object.entries(answers).map(([path, answer]) => [proxy + path, answer]));
const operated = service({ "operated-prometheus": "true" }, { name: "http-web", port: 9090 });

describe("a Prometheus in the cluster", () => {
  test("tells what fires in the stack's namespace, that it has loaded all rules, and the lag", async () => {
    const cluster = fakeCluster({ objects: [operated], raw });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toEqual({
      is: "there",
      value: {
        from: "Service monitoring/prometheus-operated",
        firing: [
          {
            alert: "AtticApiDown",
            severity: "critical",
            summary: "AtticApiDown!",
            runbook: "https://runbooks.example/AtticApiDown",
          },
        ],
        unloaded: [],
        replicationLag: 2.5,
      },
    });
  });

  test.each([
    ["a namespace whose name begins with this one's", ruleFile("nix-cache-staging", "attic-alerts")],
    ["a namespace whose name ends with this one's", ruleFile("old-nix-cache", "attic-alerts")],
    ["another PrometheusRule", ruleFile("nix-cache", "attic-slo")],
    ["a folder called so", "/etc/nix-cache-attic-alerts-1/rules.yaml"],
  ])("has not loaded a group that is there for %s alone", async (_, file) => {
    const [slo] = groupsOf("nix-cache").data.groups;
    const rules = { data: { groups: [slo, { name: "attic-backups", file }] } };
    const cluster = fakeCluster({ objects: [operated], raw: { ...raw, [`${proxy}rules`]: rules } });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toMatchObject({
      value: { unloaded: ["attic-backups"] },
    });
  });

  test("is found by its chart's label, too, and not by a port that is none of its own", async () => {
    const label = { "app.kubernetes.io/name": "prometheus" };
    const found = await prometheusIn(fakeCluster({ objects: [service(label, { name: "http", port: 80 })] }));
    expect(found.map(({ from }) => from)).toEqual(["Service monitoring/prometheus-operated"]);
    expect(await prometheusIn(fakeCluster({ objects: [service(label, { port: 8080 })] }))).toEqual([]);
  });

  test("is asked for the stack's groups alone", async () => {
    const rules = `${proxy}rules?rule_group%5B%5D=sloth-availability&rule_group%5B%5D=attic-backups`;
    const cluster = fakeCluster({
      objects: [operated],
      raw: { [rules]: answers.rules, [`${proxy}alerts`]: answers.alerts },
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

describe("of several Prometheuses in the cluster", () => {
  const others = proxy.replace("monitoring", "team-a");
  const theirs = service({ "operated-prometheus": "true" }, { name: "http-web", port: 9090 }, "team-a");
  const withOthers = (answered: Record<string, unknown>) =>
    fakeCluster({ objects: [theirs, operated], raw: { ...raw, ...answered } });

  test.each([
    ["the one that has loaded the rules is told", { [`${others}rules`]: groupsOf("team-a") }],
    ["one that tells no rules hides none that does", {}],
  ])("%s", async (_, answered) => {
    const cluster = withOthers({ [`${others}alerts`]: { data: { alerts: [] } }, ...answered });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toMatchObject({
      is: "there",
      value: { from: "Service monitoring/prometheus-operated", unloaded: [] },
    });
  });

  test("one that does not answer hides none that does", async () => {
    expect(await readPrometheus(() => prometheusIn(withOthers({})), question)).toMatchObject({
      is: "there",
      value: { from: "Service monitoring/prometheus-operated" },
    });
  });

  test("the first that answers is told where none has loaded the rules", async () => {
    const cluster = withOthers({
      [`${others}rules`]: groupsOf("team-a"),
      [`${others}alerts`]: answers.alerts,
      [`${proxy}rules`]: groupsOf("team-b"),
    });
    expect(await readPrometheus(() => prometheusIn(cluster), question)).toMatchObject({
      is: "there",
      value: {
        from: "Service team-a/prometheus-operated",
        unloaded: ["sloth-availability", "attic-backups"],
      },
    });
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
    const found = await readPrometheus(async () => [prometheusAt(url)], question);
    expect(found).toMatchObject({ is: "there", value: { replicationLag: 2.5, firing: { length: 1 } } });
    expect(seen).toContain(
      `Basic ${Buffer.from("ann:hunter2").toString("base64")} /prometheus/api/v1/alerts`,
    );
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("that does not answer is a result, without the password in it", async () => {
    const { url } = await serve();
    server?.close();
    const found = await readPrometheus(async () => [prometheusAt(url)], question);
    expect(found).toEqual({ is: "unreadable", why: "it does not answer: ECONNREFUSED" });
  });
});

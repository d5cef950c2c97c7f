import { describe, expect, it } from "vitest";
import { masked, renderSummary, type Summary } from "../../../../embedded/local/summary.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";

const { colours } = new Screen({ write: () => {} }, {});

const summary: Summary = {
  stack: "local",
  runningSince: "2026-01-01T10:00:00.000Z",
  server: "https://127.0.0.1:40123",
  kubernetes: "v1.36.3",
  nodes: 3,
  kubeconfig: "/project/.local/control-plane/kubeconfig",
  kubectl: "/project/.local/control-plane/bin/kubectl",
  cluster: {
    workloads: [
      { kind: "Deployment", namespace: "nix-cache", name: "attic", ready: 1, desired: 2, note: "" },
      {
        kind: "CronJob",
        namespace: "nix-cache",
        name: "attic-gc",
        ready: 0,
        desired: 0,
        note: "0 3 * * * Etc/UTC",
      },
      { kind: "Job", namespace: "other", name: "migrate", ready: 1, desired: 1, note: "" },
    ],
    autoscalers: [
      { namespace: "nix-cache", name: "attic", metrics: ["cpu 34 % of 70 %"], replicas: 2, min: 2, max: 10 },
    ],
    routes: [{ kind: "Ingress", namespace: "nix-cache", name: "attic", hosts: ["cache.test"] }],
  },
  outputs: {
    url: { value: "https://cache.test/", secret: false },
    caches: { value: { ci: "/ci" }, secret: false },
    token: { value: "[secret]", secret: true },
  },
  providers: [
    { name: "tls", version: "5.6.1", kind: "stand-in", description: `stand-in: ${"no ".repeat(40)}` },
  ],
  timings: [
    { title: "programs", milliseconds: 1_000 },
    { title: "stack local", milliseconds: 2_500 },
  ],
};

describe("renderSummary", () => {
  it("tells what runs, what is simulated and what to type next", () => {
    const lines = renderSummary(summary, colours, 80, Date.parse("2026-01-01T10:03:05.000Z"));
    expect(lines.map((line) => line.replaceAll(/(KUBECONFIG=)?\/project\//g, "$1"))).toMatchInlineSnapshot(`
      [
        "",
        "stack local  on an embedded Kubernetes v1.36.3 with 3 nodes",
        "https://127.0.0.1:40123, running for 3 min 05 s",
        "",
        "Workloads",
        "  Deployment  nix-cache/attic     1/2 ready",
        "  CronJob     nix-cache/attic-gc             0 3 * * * Etc/UTC",
        "  Job         other/migrate       1/1 done",
        "",
        "Autoscaling",
        "  nix-cache/attic  cpu 34 % of 70 %  2 replicas, 2 to 10",
        "",
        "Endpoints",
        "  Ingress nix-cache/attic  cache.test",
        "",
        "Outputs",
        "  url     https://cache.test/",
        "  caches  {"ci":"/ci"}",
        "  token   [secret]",
        "",
        "Providers",
        "  tls  5.6.1  stand-in: no no no no no no no no no no no no no no n…",
        "",
        "Simulated here",
        "  Nodes and pods are simulated (KWOK): they are scheduled, counted and become Ready, no container runs.",
        "  There is no network: URLs, Services and NetworkPolicies are stored, and nothing answers or is refused.",
        "  No operator runs: nobody acts on the database, certificate and routes. \`--operators\` runs the database's.",
        "",
        "Look around",
        "  KUBECONFIG=.local/control-plane/kubeconfig .local/control-plane/bin/kubectl -n nix-cache get pods",
        "  npm run local -- status    this summary again",
        "  npm run local -- preview   what a change of the program would do",
        "  npm run local -- down      take everything away and stop",
        "",
        "3.5 s: programs 1.0 s, stack local 2.5 s",
      ]
    `);
  });

  it("leaves out what there is none of", () => {
    const empty: Summary = {
      ...summary,
      cluster: { workloads: [], autoscalers: [], routes: [] },
      outputs: {},
      providers: [],
      timings: [],
    };
    const text = renderSummary(empty, colours, 80).join("\n");
    expect(text).not.toMatch(/Workloads|Autoscaling|Endpoints|Outputs|Providers|NaN|undefined/);
    expect(text).toContain("-n default get pods");
  });
});

describe("masked", () => {
  it("takes secrets out, and nothing else", () => {
    expect(
      masked({ key: { value: "BEGIN PRIVATE KEY", secret: true }, url: { value: "u", secret: false } }),
    ).toEqual({
      key: { value: "[secret]", secret: true },
      url: { value: "u", secret: false },
    });
  });
});

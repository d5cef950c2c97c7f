import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { traefikArguments } from "../../../components/ingress/requirements.ts";
import { refusalService, serviceLabel } from "../../../components/ingress/routes.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";
import { type ActiveAlert, type Prometheus, startPrometheus } from "../../support/prometheus.ts";
import { type Ask, ask, served, type Target } from "../ingress/client.ts";
import { applyStack, type EdgeStack, removeStack } from "../ingress/stack.ts";
import { type Stub, startStub, stubHeaders } from "../ingress/stub.ts";
import { startTraefik, type Traefik } from "../ingress/traefik.ts";
import { allGroups } from "./emitted.ts";

const path = "/main/s66mzxpvicwk07gjbjfw9izjfa797vsw.narinfo";
const answered = (status: number): Ask => ({ path, headers: { [stubHeaders.status]: String(status) } });
const held: Ask = { path, headers: { [stubHeaders.hold]: "1" } };

let stub: Stub;
let traefik: Traefik;
let prometheus: Prometheus;
/** Its server answers everything with 500. */
let failing: EdgeStack;
/** It has no pods. */
let empty: EdgeStack;
/** Its server answers as it should. */
let healthy: EdgeStack;
/** Its server would fail, but every client's token is revoked. */
let refusing: EdgeStack;
/** Its server takes its time. */
let slow: EdgeStack;
const stacks = () => [failing, empty, healthy, refusing, slow].filter(Boolean);

/** Ten seconds of load, the same on every stack, with the rules of all of them in one Prometheus. */
beforeAll(async () => {
  stub = await startStub();
  const { port } = stub;
  [failing, empty, healthy, refusing, slow] = await Promise.all([
    applyStack("failing.example.com", { port }),
    applyStack("empty.example.com", {}),
    applyStack("healthy.example.com", { port }),
    applyStack("refusing.example.com", { port, refusals: ["HeaderRegexp(`Authorization`, `revoked`)"] }),
    applyStack("slow.example.com", { port }),
  ]);
  traefik = await startTraefik({
    kubeconfig: sharedControlPlane().kubeconfig,
    namespaces: stacks().map(({ namespace }) => namespace),
    entryPoints: ["web", "websecure"],
    args: traefikArguments(failing.config),
  });
  for (const stack of stacks()) await served(at(stack));
  prometheus = await startPrometheus({
    rules: Object.fromEntries(stacks().map(({ namespace, config }) => [namespace, allGroups(config)])),
    // As Traefik's PodMonitor labels it.
    targets: {
      traefik: { port: traefik.ports.metrics as number, labels: { namespace: "traefik", pod: "traefik-1" } },
    },
  });
  for (let round = 1; round <= 10; round++) await load(round);
});

afterAll(async () => {
  stub?.release();
  await prometheus?.stop();
  await traefik?.stop();
  stub?.close();
  await Promise.all(stacks().map(removeStack));
});

const at = ({ host }: EdgeStack): Target => ({ host, port: traefik.ports.websecure as number });

/** Ten requests to each stack within a second. */
async function load(round: number): Promise<void> {
  const ten = (stack: EdgeStack, what: (index: number) => Ask) =>
    Array.from({ length: 10 }, (_, index) => ask(at(stack), what(index)));
  const revoked = { path, headers: { ...answered(500).headers, authorization: "Bearer revoked" } };
  const requests = [
    ...ten(failing, () => answered(500)),
    ...ten(empty, () => answered(200)),
    // Hits, misses, and what clients bring upon themselves.
    ...ten(healthy, (index) => answered([200, 200, 404, 401, 429][index % 5] as number)),
    ...ten(refusing, () => revoked),
    ...ten(slow, () => held),
  ];
  const arrived = () => stub.received.filter(({ headers }) => headers[stubHeaders.hold]).length;
  await stub.until(() => arrived() === round * 10);
  await sleep(700);
  stub.release();
  await Promise.all(requests);
  await sleep(300);
}

const firing = async ({ namespace }: EdgeStack): Promise<ActiveAlert[]> =>
  (await prometheus.alerts()).filter(
    ({ state, labels }) => state === "firing" && labels.namespace === namespace,
  );

const names = (alerts: ActiveAlert[]) => alerts.map(({ labels }) => labels.alertname);

/** Requests a second that the objective on availability saw. */
const counted = async ({ namespace }: EdgeStack) => {
  const samples = await prometheus.query(
    `attic:slo_requests:rate5m{sloth_id="${namespace}-attic-availability"}`,
  );
  return samples.map(({ value }) => value);
};

describe("a stack that fails", () => {
  test.each([
    ["because its server does", () => failing],
    ["because it has no pods", () => empty],
  ])("%s has the page fire", async (_, stack) => {
    await expect
      .poll(async () => names(await firing(stack())), { timeout: 20_000 })
      .toContain("AtticErrorBudgetBurnFast");
    const page = (await firing(stack())).find(
      ({ labels }) => labels.alertname === "AtticErrorBudgetBurnFast",
    );
    expect(page).toMatchObject({
      labels: { severity: "critical", sloth_slo: "availability", sloth_severity: "page" },
      annotations: { summary: "100% of requests fail with a server error" },
    });
  });
});

describe("under the same load", () => {
  test("a healthy stack is counted, and nothing fires", async () => {
    expect(await counted(healthy)).toEqual([expect.closeTo((await counted(failing))[0] as number, 1)]);
    // How fast this machine is, is not the question.
    const failures = (await firing(healthy)).filter(({ labels }) => !labels.sloth_slo?.startsWith("latency"));
    expect(names(failures)).toEqual([]);
  });

  test("requests that are refused are not counted, whatever the server would answer", async () => {
    const service = serviceLabel(refusing.namespace, refusalService);
    const refused = () => prometheus.query(`traefik_router_requests_total{service="${service}", code="401"}`);
    await expect.poll(async () => (await refused()).map(({ value }) => value)).toEqual([100]);
    expect(await counted(refusing)).toEqual([]);
    expect(await firing(refusing)).toEqual([]);
  });

  test("a slow stack has the alert on its latency fire, which wakes nobody", async () => {
    await expect
      .poll(async () => names(await firing(slow)), { timeout: 20_000 })
      .toContain("AtticLatencyBudgetBurnFast");
    const alerts = await firing(slow);
    expect(alerts.map(({ labels }) => labels.sloth_slo)).toContain("latency-cache-hit");
    expect(alerts.filter(({ labels }) => labels.severity === "critical")).toEqual([]);
  });
});

describe("the rules on a real Traefik's metrics", () => {
  test("are evaluated without an error", async () => {
    expect(await prometheus.failedRules()).toEqual([]);
  });

  test("find the routes, and every bound of the histogram that they need", async () => {
    const active = (await prometheus.alerts()).map(({ labels }) => labels);
    const blind = ["AtticRouterMetricsAbsent", "AtticLatencyBucketsAbsent"];
    // Of a stack whose every request is refused there is nothing to be found.
    const found = active.filter(
      ({ alertname = "", namespace }) => blind.includes(alertname) && namespace !== refusing.namespace,
    );
    expect(found).toEqual([]);
  });
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackDashboards } from "../../../../components/observability/dashboards/index.ts";
import { calendarRules } from "../../../../components/tokens/watch.ts";
import { type Prometheus, type Sample, startPrometheus } from "../../../support/prometheus.ts";
import type { PlainGroup } from "../../../support/promtool.ts";
import { stacks } from "../../../unit/components/observability/dashboards/stacks.ts";
import { emittedGroups } from "../emitted.ts";
import { exposition, traffic } from "./exposition.ts";

const config = stacks["with everything"];
if (!config) throw new Error("there is no such stack");

const day = 86_400;
const now = Math.floor(Date.now() / 1000);

/** A token of the calendar. */
const token = (name: string, kind: "ci" | "root", number: number, rotates: number, expires: number) => ({
  kind,
  name,
  grants: {},
  inCluster: true,
  current: { number, issue: 0, issued: expires - 90 * day, notBefore: expires - 90 * day, rotates, expires },
});

/** One token that ends soon and should have been replaced, so that alerts fire, and one that is in order. */
const tokens = calendarRules(config, [
  token("images", "ci", 2, now - 10 * day, now + 2 * day),
  token("operations", "root", 1, now + 100 * day, now + 130 * day),
]);

/** A panel's query, with the spans that Grafana would put there. */
const queries = stackDashboards(config).flatMap(({ name, sections }) =>
  sections.flatMap(({ panels }) =>
    panels.flatMap(({ title, type, targets }) =>
      (targets as unknown as { expr: string; legendFormat?: string }[]).map(
        ({ expr, legendFormat = "" }) => ({
          panel: `${name}: ${title}`,
          type,
          expr: expr.replaceAll(/\$__(rate_interval|range)\b/g, "5s"),
          legend: legendFormat,
        }),
      ),
    ),
  ),
);

let exporter: Server;
let prometheus: Prometheus;

beforeAll(async () => {
  const start = Date.now() / 1000;
  exporter = createServer((_, response) => {
    const now = Date.now() / 1000;
    response.setHeader("Content-Type", "text/plain; version=0.0.4").end(exposition(now, now - start));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => exporter.once("listening", resolve));
  const { port } = exporter.address() as AddressInfo;
  prometheus = await startPrometheus({
    rules: { ...emittedGroups(config), tokens: [tokens as PlainGroup] },
    targets: { everything: { port } },
  });
  // Rates need five scrapes, and rules of rules a few evaluations; both are a second apart.
  for (let i = 0; i < 30; i++) {
    await sleep(1000);
    const there = await Promise.all(queries.map(({ expr }) => prometheus.query(expr)));
    if (i >= 7 && there.every((samples) => samples.length > 0)) return;
  }
});

afterAll(async () => {
  await prometheus?.stop();
  exporter?.close();
});

test.each(queries)("$panel: $expr has a result", async ({ expr, legend, type }) => {
  const samples = await prometheus.query(expr);
  expect(samples.length).toBeGreaterThan(0);
  for (const { value } of samples) expect(value).not.toBeNaN();
  // A number is one, and lines can be told apart.
  const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
  if (type === "stat") expect(samples).toHaveLength(1);
  const names = samples.map((sample) => labels.map((label) => sample.labels[label]).join());
  if (type === "timeseries") {
    expect(new Set(names).size).toBe(samples.length);
    if (labels.length > 0) expect(names.join()).not.toMatch(/^$|^,|,,|undefined/);
  }
});

describe("a table has the same rows in each of its columns", () => {
  const tables = Map.groupBy(
    queries.filter(({ type }) => type === "table"),
    ({ panel }) => panel,
  );

  test.each([...tables])("%s", async (_, columns) => {
    const rows = await Promise.all(
      columns.map(async ({ expr }) =>
        (await prometheus.query(expr)).map(({ labels }) => JSON.stringify(labels)).sort(),
      ),
    );
    for (const column of rows) expect(column).toEqual(rows[0]);
  });
});

describe("what a panel shows", () => {
  const shown = async (panel: string, legend = ""): Promise<Sample[]> => {
    const query = queries.find((each) => each.panel === panel && each.legend === legend);
    if (!query) throw new Error(`there is no ${panel} with the legend "${legend}"`);
    return prometheus.query(query.expr, moment);
  };
  // All questions are about one moment, so that their answers can be compared.
  let moment: number;
  beforeAll(() => {
    moment = Date.now() / 1000;
  });
  const number = async (panel: string, legend = "") => (await shown(panel, legend))[0]?.value;

  test("three of four narinfos are found", async () => {
    expect(await number("traffic: Hit ratio")).toBeCloseTo(0.75, 5);
  });

  test("requests by route, without those that are refused at the edge", async () => {
    const rates = Object.fromEntries(
      (await shown("traffic: Requests by route", "{{route}}")).map(({ labels, value }) => [
        labels.route,
        value,
      ]),
    );
    const { refused: _, ...routes } = traffic;
    expect(Object.keys(rates).sort()).toEqual(Object.keys(routes).sort());
    // How fast the counters seem to grow depends on when they were scraped; against each other it does not matter.
    for (const [route, codes] of Object.entries(routes)) {
      const all = Object.values(codes).reduce((sum, rate) => sum + rate, 0);
      expect((rates[route] ?? 0) / (rates.narinfo ?? 0), route).toBeCloseTo(all / 40, 5);
    }
    const refused = (await number("traffic: Revoked tokens", "refused")) ?? 0;
    expect(refused / (rates.narinfo ?? 0)).toBeCloseTo(2 / 40, 5);
  });

  test("one upload of five fails", async () => {
    const shares = await shown("traffic: Server errors by route", "{{route}}");
    expect(shares).toHaveLength(1);
    expect(shares[0]?.labels.route).toBe("upload");
    expect(shares[0]?.value).toBeCloseTo(0.2, 5);
  });

  test("all requests take between 100 and 200 ms", async () => {
    expect(await number("overview: 99th percentiles", "hits")).toBeCloseTo(0.199, 3);
  });

  test("the objective is missed, and its budget burns", async () => {
    // One of the 61 requests that count fails.
    expect(await number("overview: Requests that fail")).toBeCloseTo(1 / 61, 5);
    expect(await number("overview: Error budget left")).toBeCloseTo(1 - 1000 / 61, 1);
    const rows = await shown("overview: Objectives");
    expect(rows.map(({ labels }) => labels.sloth_slo)).toContain("availability");
  });

  test("the critical alert that fires, by its name", async () => {
    expect(await number("overview: Critical alerts")).toBeGreaterThanOrEqual(1);
    expect((await shown("overview: Firing")).map(({ labels }) => labels.alertname)).toContain(
      "AtticTokenExpiring",
    );
  });

  test("the API is at a fifth of what it may scale to", async () => {
    expect(await number("autoscaling: Of the maximum")).toBeCloseTo(0.2, 5);
    const held = await shown("autoscaling: Held back by the CPU limit", "{{pod}}");
    expect(held.map(({ value }) => value)).toEqual([expect.closeTo(0.1, 5), expect.closeTo(0.1, 5)]);
    expect(await number("autoscaling: CPU", "request")).toBeCloseTo(0.1, 5);
  });

  test("the database has one primary with two replicas, and room", async () => {
    expect(await number("database: Instances up")).toBe(3);
    expect(await number("database: Primaries")).toBe(1);
    expect(await shown("database: Replicas connected", "{{pod}}")).toEqual([
      { labels: { pod: "attic-pg-1" }, value: 2 },
    ]);
    // Those of the replicas' senders are not among them.
    expect((await shown("database: Connections", "{{pod}}")).map(({ value }) => value)).toEqual([20, 20, 20]);
    expect((await shown("database: Volumes", "{{persistentvolumeclaim}}")).map(({ value }) => value)).toEqual(
      [expect.closeTo(0.4, 5), expect.closeTo(0.4, 5), expect.closeTo(0.4, 5)],
    );
  });

  test("the newest backup is an hour old, and a month can be restored", async () => {
    expect((await number("backups: Newest backup")) ?? 0).toBeCloseTo(3600, -2);
    expect(((await number("backups: Recovery window")) ?? 0) / 86_400).toBeCloseTo(30, 2);
    expect((await number("backups: Newest log")) ?? 0).toBeCloseTo(30, -1);
  });

  test("a token that ends in two days, and is overdue", async () => {
    expect(((await number("tokens: Next end")) ?? 0) / 86_400).toBeCloseTo(2, 2);
    expect(await number("tokens: Overdue")).toBe(1);
    expect(await number("tokens: Tokens")).toBe(2);
  });
});

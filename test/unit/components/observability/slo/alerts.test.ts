import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { metric } from "../../../../../components/observability/metrics/index.ts";
import type { Alert, RecordingRule } from "../../../../../components/observability/rule.ts";
import { sloGroups } from "../../../../../components/observability/slo/index.ts";
import { objective } from "../../../../../components/observability/slo/objectives.ts";
import { requests } from "../../../../../components/observability/slo/requests.ts";
import type { Window } from "../../../../../components/observability/slo/window.ts";
import { metricNames, parse } from "../../../../support/promql.ts";
import { stackConfig } from "../../../../support/settings.ts";

type Settings = Parameters<typeof stackConfig>[0];

const groups = (settings: Settings = {}) => sloGroups(stackConfig(settings));
const alertsOf = (settings: Settings = {}) =>
  groups(settings).flatMap(({ rules }) => rules.filter((rule): rule is Alert => "alert" in rule));
const named = (name: string, settings: Settings = {}) =>
  alertsOf(settings).filter(({ alert }) => alert === name);
const one = (name: string): Alert => {
  const [found, ...more] = named(name);
  if (!found || more.length > 0)
    throw new Error(`expected one ${name}, found ${more.length + (found ? 1 : 0)}`);
  return found;
};

const alerts = alertsOf();
const names = [...new Set(alerts.map(({ alert }) => alert))];
const ratio = (window: string, slo = "availability") =>
  `slo:sli_error:ratio_rate${window}{sloth_id="nix-cache-attic-${slo}"}`;

describe("the alerts on objectives", () => {
  test.each(names)("%s has a runbook", (name) => {
    expect(existsSync(`docs/runbooks/${name}.md`)).toBe(true);
  });

  test.each(alerts)("$alert is PromQL, of metrics that are exported or recorded", ({ expr }) => {
    parse(expr);
    const recorded = groups().flatMap(({ rules }) => rules.map((rule) => (rule as RecordingRule).record));
    for (const name of metricNames(expr)) {
      expect(metric(name) !== undefined || recorded.includes(name), name).toBe(true);
    }
  });

  test("are the same thing twice nowhere: no two with one name have the same labels", () => {
    const identities = alerts.map(({ alert, severity, labels }) => JSON.stringify([alert, severity, labels]));
    expect(identities).toHaveLength(new Set(identities).size);
  });

  test.each(alerts)("$alert says how much it is", ({ alert, summary, description }) => {
    const absent = alert === "AtticRouterMetricsAbsent";
    expect(`${summary} ${description}`.includes("$value")).toBe(!absent);
  });

  test("are not there without an ingress, and nor is anything that they need", () => {
    expect(groups({ ingress: { enabled: false } })).toEqual([]);
  });

  test("are of the stack's own namespace", () => {
    for (const { expr } of alertsOf({ namespace: "cache-b" })) expect(expr).not.toContain("nix-cache");
  });
});

describe("the guard against few requests", () => {
  const onShares = alerts.filter(({ alert }) => !alert.endsWith("Absent"));

  test.each(onShares)("keeps $alert quiet until ten requests were bad", ({ expr }) => {
    expect(expr).toMatch(/and on \(\)\n.*\* \d+ >= 10$/m);
  });

  test("is as high as the stack sets it, in every window", () => {
    const settings = { observability: { slo: { minimumBadRequests: 250 } } };
    for (const { alert, expr } of alertsOf(settings).filter(({ alert }) => !alert.endsWith("Absent"))) {
      expect(expr.match(/>= 250$/gm), alert).toHaveLength(expr.split("and on ()").length - 1);
      expect(expr, alert).not.toContain(">= 10\n");
    }
  });
});

describe("a budget that is used up too fast", () => {
  test("is told by two windows of each rate, with exact thresholds", () => {
    const { indicator } = objective("availability");
    const bad = (window: Window, seconds: number) =>
      `${requests("nix-cache", indicator, window).bad} * ${seconds} >= 10`;
    expect(one("AtticErrorBudgetBurnFast").expr.split("\n")).toEqual([
      "(",
      `max without (sloth_window) (${ratio("5m")} > 0.0144)`,
      "and",
      `max without (sloth_window) (${ratio("1h")} > 0.0144)`,
      "and on ()",
      bad("1h", 3600),
      ")",
      "or",
      "(",
      `max without (sloth_window) (${ratio("30m")} > 0.006)`,
      "and",
      `max without (sloth_window) (${ratio("6h")} > 0.006)`,
      "and on ()",
      bad("6h", 21_600),
      ")",
    ]);
    const slow = one("AtticErrorBudgetBurnSlow").expr;
    for (const above of [ratio("2h"), ratio("1d")]) expect(slow).toContain(`(${above} > 0.003)`);
    for (const above of [ratio("6h"), ratio("3d")]) expect(slow).toContain(`(${above} > 0.001)`);
  });

  test("is told at once: the windows are what keeps a moment from being told", () => {
    for (const { for: wait } of alerts.filter(({ alert }) => alert.includes("Burn")))
      expect(wait).toBeUndefined();
  });

  test.each([
    ["AtticErrorBudgetBurnFast", "critical", "page", ["availability"], "lasts for 5 days"],
    ["AtticErrorBudgetBurnSlow", "warning", "ticket", ["availability"], "lasts for 30 days"],
    [
      "AtticLatencyBudgetBurnFast",
      "warning",
      "page",
      ["latency-cache-hit", "latency-cache-info", "latency-cache-miss", "latency-upload"],
      "lasts for 5 days",
    ],
    [
      "AtticLatencyBudgetBurnSlow",
      "warning",
      "ticket",
      ["latency-cache-hit", "latency-cache-info", "latency-cache-miss", "latency-upload"],
      "lasts for 30 days",
    ],
  ])("is %s (%s, %s) for %j", (name, severity, urgency, slos, words) => {
    const found = named(name);
    expect(found.map(({ labels }) => labels?.sloth_slo)).toEqual(slos);
    for (const alert of found) {
      expect(alert).toMatchObject({ severity, labels: { sloth_severity: urgency } });
      expect(alert.description).toContain(words);
    }
  });
});

describe("a target that is missed now", () => {
  test.each([
    ["AtticSLOAvailabilityBreach", `${ratio("5m")} > 0.001`, "5m", "critical"],
    ["AtticAvailabilityWarning", `${ratio("5m")} > 0.0005`, "15m", "warning"],
    ["AtticSLOLatencyBreach", `${ratio("5m", "latency-cache-hit")} > 0.01`, "5m", "warning"],
  ])("is %s: %s for %s, %s", (name, condition, wait, severity) => {
    const alert = one(name);
    expect(alert).toMatchObject({ for: wait, severity });
    expect(alert.expr.split("\n")[0]).toBe(condition);
  });

  test("is AtticHighLatencyCritical when one look-up of a hundred takes longer than 2 s, whatever it answers", () => {
    const alert = one("AtticHighLatencyCritical");
    expect(alert).toMatchObject({ for: "5m", severity: "critical" });
    expect(alert.expr).toContain('service=~"nix-cache-(attic-narinfo|attic-cache-info)@kubernetescrd"');
    expect(alert.expr).toContain('le=~"2|2[.]0"');
    expect(alert.expr.split("\n")[0]).toMatch(/ > 0.01$/);
    expect(alert.expr).not.toContain("code");
  });

  test("is AtticErrorRateHigh, once for each window that has a target", () => {
    const found = named("AtticErrorRateHigh").map(({ expr, labels, severity }) => [
      expr.split("\n")[0],
      labels?.sloth_window,
      severity,
    ]);
    expect(found).toEqual([
      [`${ratio("5m")} > 0.001`, "5m", "warning"],
      [`${ratio("1h")} > 0.0005`, "1h", "warning"],
      [`${ratio("1d")} > 0.0001`, "1d", "warning"],
    ]);
  });

  test.each([
    ["AtticErrorBudgetLow", 0.25, "warning"],
    ["AtticErrorBudgetCritical", 0.1, "critical"],
  ])("is %s when less than %d of the month's budget is left, %s", (name, below, severity) => {
    const alert = one(name);
    expect(alert.severity).toBe(severity);
    expect(alert.expr.split("\n")[0]).toBe(
      `slo:period_error_budget_remaining:ratio{sloth_id="nix-cache-attic-availability"} < ${below}`,
    );
  });
});

describe("what cannot be computed", () => {
  test("is told when there are no metrics of any route, but not while no pod runs", () => {
    const { expr, severity } = one("AtticRouterMetricsAbsent");
    expect(severity).toBe("warning");
    expect(expr).toMatch(/^absent\(traefik_router_requests_total\{/);
    expect(expr).toMatch(/unless on \(\)\nkube_deployment_status_replicas_available\{.*"attic"\} == 0$/m);
  });

  test("is not told while Traefik is scraped and nobody asks it anything at the stack's entry point", () => {
    const [found] = alertsOf({ ingress: { secureEntryPoint: "https" } }).filter(
      ({ alert }) => alert === "AtticRouterMetricsAbsent",
    );
    expect(found?.expr).toContain("unless on ()\n(traefik_config_last_reload_success{} unless on ()");
    expect(found?.expr).toContain('traefik_entrypoint_requests_total{entrypoint="https"}[15m]');
    expect(found?.for).toBe("15m");
  });

  test("is told when the histogram lacks a bound that some threshold needs, also when it has none of them", () => {
    const { expr } = one("AtticLatencyBucketsAbsent");
    expect(expr).toContain('le=~"0[.]2|0[.]5|1|1[.]0|2|2[.]0|30|30[.]0"');
    expect(expr).toContain("or vector(0)) < 5");
  });
});

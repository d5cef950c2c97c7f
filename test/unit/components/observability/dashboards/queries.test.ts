import { describe, expect, test } from "vitest";
import { stackDashboards } from "../../../../../components/observability/dashboards/index.ts";
import { metric } from "../../../../../components/observability/metrics/index.ts";
import { ruleObjects } from "../../../../../components/observability/rule-objects.ts";
import type { StackConfig } from "../../../../../config/index.ts";
import { labelMatchers, metricNames } from "../../../../support/promql.ts";
import { stacks } from "./stacks.ts";

/** What Prometheus keeps of alerts by itself. */
const prometheusOwn = ["ALERTS", "ALERTS_FOR_STATE"];

/** What the stack's rules record. */
const recorded = (config: StackConfig) =>
  config.observability.rules.enabled
    ? Object.values(ruleObjects(config)).flatMap((groups) =>
        groups.flatMap(({ rules }) => rules.flatMap((rule) => ("record" in rule ? [rule.record] : []))),
      )
    : [];

const queries = Object.entries(stacks).flatMap(([stack, config]) =>
  stackDashboards(config).flatMap(({ name, sections }) =>
    sections.flatMap(({ panels }) =>
      panels.flatMap(({ title, targets }) =>
        (targets ?? []).map((target) => ({
          where: `${name}, "${title}", of a stack ${stack}`,
          // Grafana puts spans there.
          expr: (target as unknown as { expr: string }).expr.replaceAll(/\$__(rate_interval|range)\b/g, "5m"),
          config,
        })),
      ),
    ),
  ),
);

test("there are queries to be looked at", () => {
  expect(queries.length).toBeGreaterThan(500);
});

describe("every query", () => {
  test("is PromQL, and has no variable but Grafana's spans", () => {
    for (const { where, expr } of queries) {
      expect(() => metricNames(expr), where).not.toThrow();
      expect(expr.replaceAll('"$1"', ""), where).not.toContain("$");
    }
  });

  test("asks for what an exporter really has, or the stack's rules record", () => {
    for (const { where, expr, config } of queries) {
      const known = [...recorded(config), ...prometheusOwn];
      for (const name of metricNames(expr)) {
        expect(metric(name) !== undefined || known.includes(name), `${name} in ${where}`).toBe(true);
      }
    }
  });

  test("selects the stack's own series, whatever else is in the cluster", () => {
    for (const { where, expr, config } of queries) {
      for (const name of metricNames(expr)) {
        const own = labelMatchers(expr).some(
          ({ metric, value }) => metric === name && value.includes(config.namespace),
        );
        expect(own, `${name} in ${where}`).toBe(true);
      }
    }
  });

  test("asks nothing of what the stack does not have", () => {
    const asked = (stack: string) =>
      queries
        .filter(({ where }) => where.endsWith(`of a stack ${stack}`))
        .flatMap(({ expr }) => metricNames(expr));
    expect(asked("with everything")).toContain("cnpg_collector_up");
    expect(asked("with a database elsewhere").filter((name) => /^(cnpg|barman|kubelet)_/.test(name))).toEqual(
      [],
    );
    expect(asked("without backups").filter((name) => /^barman_/.test(name))).toEqual([]);
    expect(asked("with everything")).toContain("traefik_router_requests_total");
    expect(asked("without an ingress").filter((name) => /^(traefik_|certmanager_|slo:)/.test(name))).toEqual(
      [],
    );
    expect(asked("without rules").filter((name) => /^(slo:|ALERTS|attic_token_)/.test(name))).toEqual([]);
  });

  test("selects by labels that the metric has", () => {
    for (const { where, expr } of queries) {
      for (const { metric: name, label } of labelMatchers(expr)) {
        const found = metric(name);
        if (!found) continue;
        const labels = [...found.metric.labels, ...found.exporter.scraped, "le"];
        expect(labels, `${name} in ${where}`).toContain(label);
      }
    }
  });
});

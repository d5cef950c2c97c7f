import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { describe, expect, test } from "vitest";
import { prometheusRule } from "../../../../components/observability/rule.ts";
import { ruleObjects } from "../../../../components/observability/rule-objects.ts";
import { stackConfig } from "../../../support/settings.ts";

const config = stackConfig({ observability: { rules: { labels: { release: "prometheus" } } } });
const alert = {
  alert: "AtticExample",
  expr: "up == 0",
  severity: "warning" as const,
  summary: "It is down",
  description: "Nothing answers.",
};
const made = (rule: object) =>
  (
    prometheusRule(config, "attic-example", [
      { name: "example", rules: [{ ...alert, ...rule }] },
    ]) as unknown as {
      spec: { groups: { rules: object[] }[] };
    }
  ).spec.groups[0]?.rules[0];

describe("a PrometheusRule", () => {
  test("has the labels that Prometheus selects it by", () => {
    expect(prometheusRule(config, "attic-example", []).metadata).toMatchObject({
      name: "attic-example",
      namespace: "nix-cache",
      labels: { release: "prometheus", "app.kubernetes.io/component": "observability" },
    });
  });

  test("has alerts with their severity, the stack's namespace and the runbook", () => {
    expect(made({})).toEqual({
      alert: "AtticExample",
      expr: "up == 0",
      labels: { severity: "warning", namespace: "nix-cache" },
      annotations: {
        summary: "It is down",
        description: "Nothing answers.",
        runbook_url: `${config.observability.rules.runbooks}AtticExample.md`,
      },
    });
    expect(made({ for: "5m", labels: { exporter: "traefik" } })).toMatchObject({
      for: "5m",
      labels: { severity: "warning", exporter: "traefik" },
    });
  });

  test("has recording rules as they are", () => {
    const rule = { record: "a:b:c", expr: "up", labels: { d: "e" } };
    const object = prometheusRule(config, "attic-example", [
      { name: "example", interval: "1m", rules: [rule] },
    ]);
    expect(object).toMatchObject({ spec: { groups: [{ name: "example", interval: "1m", rules: [rule] }] } });
  });

  test.each(Object.entries(ruleObjects(config)))(
    "%s is what the operator's definition allows",
    (name, groups) => {
      expect(() =>
        new PrometheusRule(prometheusRule(config, name, groups) as never).validate(),
      ).not.toThrow();
    },
  );
});

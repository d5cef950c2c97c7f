import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import type { StackConfig } from "../../config/index.ts";
import { names, partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";
import type { Manifest } from "../kubernetes/manifest.ts";

/** `critical` wakes somebody; `warning` is read in working hours. */
export type Severity = "critical" | "warning";

/** A series that Prometheus computes and keeps. */
export interface RecordingRule {
  /** The series' name. */
  record: string;
  /** PromQL. */
  expr: string;
  /** Labels on top of the expression's. */
  labels?: Record<string, string>;
}

/** Something that a person must know about. */
export interface Alert {
  /** CamelCase; its runbook is docs/runbooks/<name>.md. */
  alert: string;
  /** PromQL: it fires for each series of the result. */
  expr: string;
  /** How long the condition must hold, for instance `5m`. @default at once */
  for?: string;
  /** How bad it is. */
  severity: Severity;
  /** One line, with the values in it. */
  summary: string;
  /** What it means for whom, with the values in it. */
  description: string;
  /** Labels on top of `severity`, `namespace` and the expression's. */
  labels?: Record<string, string>;
}

/** Rules that are evaluated one after another. */
export interface RuleGroup {
  name: string;
  /** How often, for instance `1m`. @default Prometheus' own */
  interval?: string;
  rules: (RecordingRule | Alert)[];
}

/**
 * One PrometheusRule.
 * @param name of the object; every group's name is unique within it
 */
export function prometheusRule(config: StackConfig, name: string, groups: readonly RuleGroup[]): Manifest {
  const { rules } = config.observability;
  const identity = { name: names.api, component: "observability", partOf };
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, namespace: config.namespace, labels: { ...labels(identity), ...rules.labels } },
    spec: {
      groups: groups.map(({ name, interval, rules: members }) => ({
        name,
        ...(interval && { interval }),
        rules: members.map((rule) => ("alert" in rule ? alertRule(config, rule) : rule)),
      })),
    },
  } satisfies IPrometheusRule;
}

/** The label `namespace` is what an alert is routed by to those who run the stack, whatever its series have. */
function alertRule({ namespace, observability }: StackConfig, rule: Alert) {
  const { alert, expr, severity, summary, description, labels } = rule;
  return {
    alert,
    expr,
    ...(rule.for && { for: rule.for }),
    labels: { severity, namespace, ...labels },
    annotations: { summary, description, runbook_url: `${observability.rules.runbooks}${alert}.md` },
  };
}

import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { type Partially, specOf } from "../framework/kubernetes.ts";
import { each, type Problem, type Undecided } from "../framework/policy.ts";
import type { Subject } from "../framework/subject.ts";

/** The kind of Prometheus' rules. */
export const PROMETHEUS_RULE = "monitoring.coreos.com/PrometheusRule";

type Spec = NonNullable<IPrometheusRule["spec"]>;

/** An alerting rule. */
export interface Alert {
  alert: string;
  expr?: string | number;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Path of the rule in the object. */
  field: string;
}

/** Judges every alert of a PrometheusRule; its recording rules are left out. */
export function* eachAlert(
  subject: Subject,
  judge: (alert: Alert) => Iterable<Problem | Undecided>,
): Generator<Problem | Undecided> {
  yield* each(
    specOf<Spec>(subject).groups,
    ({ rules }: Partially<NonNullable<Spec["groups"]>[number]>, group) =>
      each(rules, function* (rule, index) {
        if (rule.alert === undefined) return;
        const { alert, expr, labels = {}, annotations = {} } = rule as Omit<Alert, "field">;
        yield* judge({
          alert,
          expr,
          for: rule.for,
          labels,
          annotations,
          field: `spec.groups[${group}].rules[${index}]`,
        });
      }),
  );
}

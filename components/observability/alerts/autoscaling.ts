import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { each, lines } from "./scope.ts";

/** Whether the API can still grow, and whether nodes can be drained. */
export function autoscaling(config: StackConfig): RuleGroup[] {
  const { minReplicas, maxReplicas } = config.api.scaling;
  return [
    {
      name: "attic-autoscaling",
      rules: [
        // One that has nothing to choose is always at its maximum.
        ...(minReplicas < maxReplicas ? [atMaximum(config)] : []),
        blind(config),
        blocking(config),
      ],
    },
  ];
}

const autoscaler = ({ namespace }: StackConfig) => ({ namespace, horizontalpodautoscaler: names.api });
const eachAutoscaler = (query: string) => each("namespace, horizontalpodautoscaler", query);
const eachBudget = (query: string) => each("namespace, poddisruptionbudget", query);

function atMaximum(config: StackConfig): Alert {
  const current = eachAutoscaler(
    series("kube_horizontalpodautoscaler_status_current_replicas", autoscaler(config)),
  );
  const most = eachAutoscaler(series("kube_horizontalpodautoscaler_spec_max_replicas", autoscaler(config)));
  return {
    alert: "AtticAutoscalerAtMaximum",
    expr: `${current} >= ${most}`,
    for: "15m",
    severity: "warning",
    summary: "The cache's API has had all its {{ $value }} pods for 15 minutes",
    description:
      "The autoscaler {{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has been at its maximum of " +
      "{{ $value }} pods for 15 minutes. More load makes requests slower.",
  };
}

function blind(config: StackConfig): Alert {
  const inactive = series("kube_horizontalpodautoscaler_status_condition", {
    ...autoscaler(config),
    condition: "ScalingActive",
    status: "false",
  });
  return {
    alert: "AtticAutoscalerBlind",
    expr: `${eachAutoscaler(inactive)} == 1`,
    for: "15m",
    severity: "warning",
    summary: "The autoscaler {{ $labels.horizontalpodautoscaler }} does not scale",
    description:
      "The autoscaler {{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has not known the load of its pods " +
      "for 15 minutes, or its Deployment was scaled to 0. The number of pods stays what it is, whatever the load.",
  };
}

function blocking(config: StackConfig): Alert {
  const budget = { namespace: config.namespace, poddisruptionbudget: names.api };
  const allowed = eachBudget(series("kube_poddisruptionbudget_status_pod_disruptions_allowed", budget));
  const expected = eachBudget(series("kube_poddisruptionbudget_status_expected_pods", budget));
  const healthy = eachBudget(series("kube_poddisruptionbudget_status_current_healthy", budget));
  return {
    alert: "AtticDisruptionBudgetBlocking",
    expr: lines(`${expected} - ${healthy} > 0`, `and ${allowed} == 0`),
    for: "1h",
    severity: "warning",
    summary: "Nodes with pods of {{ $labels.poddisruptionbudget }} cannot be drained",
    description:
      "The budget {{ $labels.namespace }}/{{ $labels.poddisruptionbudget }} has allowed no eviction for an hour, because " +
      "{{ $value }} of its pods are not ready. Drains wait, and with them updates of the nodes.",
  };
}

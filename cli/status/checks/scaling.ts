import type { Autoscaler } from "../snapshot.ts";
import { type Check, failed, judged, passed, runbook } from "./check.ts";

/** Whether the API can grow, shrink and be moved. */
export const scalingChecks: readonly Check[] = [
  {
    id: "autoscaler-metrics",
    area: "scaling",
    title: "the autoscaler knows the load",
    see: runbook("AtticAutoscalerBlind"),
    expected: () => "a figure for every metric, and the autoscaler active",
    judge: ({ snapshot }) =>
      judged(snapshot.autoscaler, ({ inactive, metrics }) => {
        if (inactive) return failed(`it does not act: ${inactive}`);
        const blind = metrics.filter(({ current }) => current === undefined).map(({ name }) => name);
        if (metrics.length === 0) return failed("it has no metrics");
        return blind.length > 0 ? failed(`not measured yet: ${blind.join(", ")}`) : passed(load(metrics));
      }),
  },
  {
    id: "autoscaler-bounds",
    area: "scaling",
    title: "the API is within the declared bounds",
    see: "docs/runbooks/AtticAutoscalerAtMaximum.md",
    expected: ({ config: { api } }) => `${api.scaling.minReplicas} to ${api.scaling.maxReplicas} replicas`,
    judge: ({ snapshot, config }) =>
      judged(snapshot.autoscaler, ({ min, max, current }) => {
        const { minReplicas, maxReplicas } = config.api.scaling;
        if (min !== minReplicas || max !== maxReplicas) return failed(`its bounds are ${min} to ${max}`);
        const within = current >= min && current <= max;
        return { ok: within, found: `${current} in ${min} to ${max}` };
      }),
  },
  {
    id: "autoscaler-limit",
    area: "scaling",
    title: "the API may have as many replicas as the load asks for",
    see: runbook("AtticAutoscalerAtMaximum"),
    only: "status",
    // One that has nothing to choose is always at its maximum.
    skip: ({ config: { api } }) =>
      api.scaling.minReplicas === api.scaling.maxReplicas ? "its bounds are the same" : undefined,
    expected: ({ config }) => `fewer than ${config.api.scaling.maxReplicas} wanted`,
    judge: ({ snapshot }) =>
      judged(snapshot.autoscaler, ({ limited, max, current }) =>
        limited?.reason === "TooManyReplicas"
          ? failed(`all ${max} are in use, and the load asks for more`)
          : passed(`${current} of ${max} in use`),
      ),
  },
  {
    id: "disruption-budget",
    area: "disruption",
    title: "nodes with the API's pods can be drained",
    see: runbook("AtticDisruptionBudgetBlocking"),
    expected: () => "at least 1 pod may go",
    judge: ({ snapshot }) =>
      judged(snapshot.budget, ({ allowed, healthy, needed }) =>
        allowed >= 1
          ? passed(`${allowed} may go`)
          : failed(`none may go: ${healthy} healthy, ${needed} needed`),
      ),
  },
];

/** What was measured: `cpu 34 % of 70 %`. */
export const load = (metrics: Autoscaler["metrics"]) =>
  metrics.map(({ name, current, target }) => `${name} ${current ?? "?"} % of ${target} %`).join(", ");

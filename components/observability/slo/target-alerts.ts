import type { StackConfig } from "../../../config/index.ts";
import type { Alert, Severity } from "../rule.ts";
import { decimal } from "./decimal.ts";
import { guarded } from "./guard.ts";
import { budget, errorRateTargets, objective, verySlow } from "./objectives.ts";
import { badRequests, budgetRemaining, errorRatio } from "./recordings.ts";
import { requests } from "./requests.ts";
import { seconds, type Window } from "./window.ts";

const availability = objective("availability");
const hits = objective("latency-cache-hit");

const share = "{{ $value | humanizePercentage }}";

/** Tells when a figure is worse than its target now, whatever is left of the error budget; and when little is left. */
export function targetAlerts(config: StackConfig): Alert[] {
  return [
    {
      alert: "AtticSLOAvailabilityBreach",
      expr: failing(config, "5m", budget(availability)),
      for: "5m",
      severity: "critical",
      summary: `${share} of requests fail, more than the objective allows`,
      description: `For five minutes the cache has answered more than ${decimal(budget(availability) * 100)} % of requests with a server error, now ${share}.`,
    },
    {
      alert: "AtticAvailabilityWarning",
      expr: failing(config, "5m", 0.0005),
      for: "15m",
      severity: "warning",
      summary: `${share} of requests fail`,
      description: `For 15 minutes the cache has answered more than 0.05 % of requests with a server error, now ${share}.`,
    },
    ...errorRateTargets.map(
      ({ window, spoken, percent }): Alert => ({
        alert: "AtticErrorRateHigh",
        expr: failing(config, window, percent / 100),
        severity: "warning",
        summary: `${share} of requests failed within the last ${spoken}`,
        description: `${share} of requests within the last ${spoken} were answered with a server error; the target is less than ${decimal(percent)} %.`,
        labels: { sloth_window: window },
      }),
    ),
    budgetAlert(config, "AtticErrorBudgetLow", 0.25, "warning"),
    budgetAlert(config, "AtticErrorBudgetCritical", 0.1, "critical"),
    {
      alert: "AtticSLOLatencyBreach",
      expr: guarded(
        config,
        `${errorRatio(config.namespace, hits, "5m")} > ${decimal(budget(hits))}`,
        badRequests(config.namespace, hits, "5m"),
      ),
      for: "5m",
      severity: "warning",
      summary: `${share} of ${hits.complaint}`,
      description: `For five minutes the 99th percentile of cache hits has been above 500 ms: ${share} take longer.`,
    },
    verySlowAlert(config),
  ];
}

function failing(config: StackConfig, window: Window, above: number): string {
  const { namespace } = config;
  return guarded(
    config,
    `${errorRatio(namespace, availability, window)} > ${decimal(above)}`,
    badRequests(namespace, availability, window),
  );
}

function budgetAlert(config: StackConfig, alert: string, below: number, severity: Severity): Alert {
  const { namespace } = config;
  return {
    alert,
    expr: guarded(
      config,
      `${budgetRemaining(namespace, availability)} < ${decimal(below)}`,
      badRequests(namespace, availability, availability.period),
    ),
    severity,
    summary: `${share} of the availability's error budget is left`,
    description: `Of the requests that may fail within 30 days, less than ${below * 100} % are left: ${share}. Below zero the objective is missed.`,
  };
}

function verySlowAlert(config: StackConfig): Alert {
  const { all, bad } = requests(config.namespace, verySlow, "5m");
  return {
    alert: "AtticHighLatencyCritical",
    expr: guarded(config, `${bad} / (${all} > 0) > 0.01`, `${bad} * ${seconds("5m")}`),
    for: "5m",
    severity: "critical",
    summary: `${share} of look-ups take longer than 2 s`,
    description: `For five minutes the 99th percentile of narinfos and cache infos has been above 2 s: ${share} take longer. Builds wait for each of them.`,
  };
}

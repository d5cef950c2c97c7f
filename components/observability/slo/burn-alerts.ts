import type { StackConfig } from "../../../config/index.ts";
import type { Alert, Severity } from "../rule.ts";
import { type BurnRate, burnRates, factor } from "./burn-rates.ts";
import { decimal } from "./decimal.ts";
import { guarded } from "./guard.ts";
import { lines } from "./lines.ts";
import { budget, type Objective, sloLabels } from "./objectives.ts";
import { badRequests, errorRatio } from "./recordings.ts";
import { days } from "./window.ts";

type Urgency = BurnRate["urgency"];

/** What the alerts are called, and how bad each is. A cache that is slow makes nobody get up; one that fails does. */
const alerts: Record<
  NonNullable<Objective["alerts"]>,
  Record<Urgency, { alert: string; severity: Severity }>
> = {
  availability: {
    page: { alert: "AtticErrorBudgetBurnFast", severity: "critical" },
    ticket: { alert: "AtticErrorBudgetBurnSlow", severity: "warning" },
  },
  latency: {
    page: { alert: "AtticLatencyBudgetBurnFast", severity: "warning" },
    ticket: { alert: "AtticLatencyBudgetBurnSlow", severity: "warning" },
  },
};

/** Tells when an objective's error budget is being used up faster than it lasts; none if that is not asked for. */
export function burnAlerts(config: StackConfig, objective: Objective): Alert[] {
  if (!objective.alerts) return [];
  const called = alerts[objective.alerts];
  return [
    burnAlert(config, objective, "page", called.page),
    burnAlert(config, objective, "ticket", called.ticket),
  ];
}

function burnAlert(
  config: StackConfig,
  objective: Objective,
  urgency: Urgency,
  called: { alert: string; severity: Severity },
): Alert {
  const { complaint, period } = objective;
  const rates = burnRates.filter((rate) => rate.urgency === urgency);
  const slowest = Math.min(...rates.map((rate) => factor(rate, period)));
  const share = `{{ $value | humanizePercentage }} of ${complaint}`;
  return {
    ...called,
    expr: lines(
      ...rates.flatMap((rate, index) => [...(index ? ["or"] : []), burning(config, objective, rate)]),
    ),
    summary: share,
    description:
      `${share}. At this rate the error budget of ${days(period)} days, ${decimal(budget(objective) * 100)} % of requests, ` +
      `lasts for ${days(period) / slowest} days at most.`,
    labels: { ...sloLabels(config.namespace, objective), sloth_severity: urgency },
  };
}

/** The two windows of one rate; the value is the short one's share of bad requests. */
function burning(config: StackConfig, objective: Objective, rate: BurnRate): string {
  const { namespace } = config;
  const { short, long } = rate;
  const threshold = decimal(factor(rate, objective.period) * budget(objective));
  const above = (window: typeof long) =>
    `max without (sloth_window) (${errorRatio(namespace, objective, window)} > ${threshold})`;
  const both = lines(above(short), "and", above(long));
  return lines("(", guarded(config, both, badRequests(namespace, objective, long)), ")");
}

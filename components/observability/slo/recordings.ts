import type { RecordingRule, RuleGroup } from "../rule.ts";
import { burnRates } from "./burn-rates.ts";
import { decimal } from "./decimal.ts";
import { budget, type Objective, sloLabels } from "./objectives.ts";
import { requests } from "./requests.ts";
import { days, seconds, type Window } from "./window.ts";

/** Series of our own beside those of the convention: what a ratio is made of, so that longer ones can be, too. */
export const counted = {
  /** Requests a second that count. */
  all: "attic:slo_requests:rate5m",
  /** Those that were bad. */
  bad: "attic:slo_bad_requests:rate5m",
} as const;

/** Longer windows are computed from what was recorded, since Traefik has a hundred series for each of ours. */
const longestRaw: Window = "6h";

/** The windows that an objective is recorded over: those of its alerts, and its period. */
export function windowsOf({ alerts, period }: Objective): Window[] {
  const alerted = alerts ? burnRates.flatMap(({ short, long }) => [short, long]) : [];
  return [...new Set<Window>(["5m", ...alerted, period])].sort((a, b) => seconds(a) - seconds(b));
}

/** The share of bad requests within a window, as it is recorded. */
export const errorRatio = (namespace: string, objective: Pick<Objective, "slo">, window: Window) =>
  series(`slo:sli_error:ratio_rate${window}`, namespace, objective);

/** The share of the error budget that is left of its period; below zero when more than all of it is used up. */
export const budgetRemaining = (namespace: string, objective: Pick<Objective, "slo">) =>
  series("slo:period_error_budget_remaining:ratio", namespace, objective);

/**
 * How many bad requests an objective saw within a window. Within hours they come from Traefik's series, as the ratio
 * does; within days they are the rates of five minutes each, end to end, which miss what came since the last
 * five-minute mark. A page must not wait for that.
 */
export function badRequests(namespace: string, objective: Objective, window: Window): string {
  const rates = series(counted.bad, namespace, objective);
  if (window === "5m") return `${rates} * ${seconds("5m")}`;
  if (seconds(window) > seconds(longestRaw))
    return `sum_over_time(${rates}[${window}:5m]) * ${seconds("5m")}`;
  return `${requests(namespace, objective.indicator, window).bad} * ${seconds(window)}`;
}

/**
 * An objective's recording rules, under the names and with the labels that Sloth gives them, so that dashboards made
 * for it fit. Other than Sloth's, the ratio over the period weighs requests and not minutes: a failure in a quiet night
 * counts as much as one by day.
 */
export function recordings(namespace: string, objective: Objective): RuleGroup[] {
  const labels = sloLabels(namespace, objective);
  const record = (record: string, expr: string, more = {}): RecordingRule => ({
    record,
    expr,
    labels: { ...labels, ...more },
  });
  const now = requests(namespace, objective.indicator, "5m");
  return [
    {
      name: `sloth-slo-sli-recordings-${labels.sloth_id}`,
      rules: [
        record(counted.all, now.all),
        record(counted.bad, now.bad),
        ...windowsOf(objective).map((window) =>
          record(`slo:sli_error:ratio_rate${window}`, ratio(namespace, objective, window), {
            sloth_window: window,
          }),
        ),
      ],
    },
    {
      name: `sloth-slo-meta-recordings-${labels.sloth_id}`,
      rules: meta(namespace, objective).map(([name, expr, more]) => record(name, expr, more)),
    },
  ];
}

/** No result where nobody asked: nothing was promised then, and 0 divided by 0 would spoil every longer window. */
function ratio(namespace: string, objective: Objective, window: Window): string {
  if (window !== "5m" && seconds(window) <= seconds(longestRaw)) {
    const { all, bad } = requests(namespace, objective.indicator, window);
    return `${bad} / (${all} > 0)`;
  }
  const span = window === "5m" ? "" : `[${window}]`;
  const [all, bad] = [counted.all, counted.bad].map((name) => {
    const selected = `${series(name, namespace, objective)}${span}`;
    return span ? `sum_over_time(${selected})` : selected;
  });
  return `${bad} / (${all} > 0)`;
}

function meta(namespace: string, objective: Objective): [record: string, expr: string, labels?: object][] {
  const { percent, period } = objective;
  const allowed = series("slo:error_budget:ratio", namespace, objective);
  const per = (window: Window) =>
    `${errorRatio(namespace, objective, window)} / on (sloth_id, sloth_slo, sloth_service) group_left () ${allowed}`;
  return [
    ["slo:objective:ratio", `vector(${decimal(percent / 100)})`],
    ["slo:error_budget:ratio", `vector(${decimal(budget(objective))})`],
    ["slo:time_period:days", `vector(${days(period)})`],
    ["slo:current_burn_rate:ratio", per("5m")],
    ["slo:period_burn_rate:ratio", per(period)],
    [
      "slo:period_error_budget_remaining:ratio",
      `1 - ${series("slo:period_burn_rate:ratio", namespace, objective)}`,
    ],
    [
      "sloth_slo_info",
      "vector(1)",
      { sloth_mode: "attic-pulumi", sloth_spec: "prometheus/v1", sloth_objective: decimal(percent) },
    ],
  ];
}

function series(name: string, namespace: string, objective: Pick<Objective, "slo">): string {
  return `${name}{sloth_id="${sloLabels(namespace, objective).sloth_id}"}`;
}

import { type BurnRate, burnRates, factor } from "../../components/observability/slo/burn-rates.ts";
import { budget, type Objective } from "../../components/observability/slo/objectives.ts";
import { seconds, type Window } from "../../components/observability/slo/window.ts";

/** A share of requests that is bad, and how many seconds after the first bad one something happens. */
export interface Point {
  share: number;
  after: number;
}

/** How soon something happens, if a share of requests begins to be bad and stays so. */
export interface Detection {
  /** What happens: an alert of this urgency fires, or the period's budget is gone. */
  what: BurnRate["urgency"] | "gone";
  /** How many times as fast as just allowed. */
  factor: number;
  /** What it is looked at over. */
  window: Window;
  /** The smallest share that it happens at: it takes the whole window. */
  least: Point;
  /** When all requests are bad. */
  all: Point;
}

/**
 * How soon each burn rate of an objective tells, and when its budget is gone, with requests that come evenly. The long
 * window decides: the short one is over the threshold sooner.
 */
export function detections(objective: Objective): Detection[] {
  const line = (what: Detection["what"], times: number, window: Window): Detection => {
    const share = times * budget(objective);
    const after = seconds(window);
    return { what, factor: times, window, least: { share, after }, all: { share: 1, after: after * share } };
  };
  return [
    ...burnRates.map((rate) => line(rate.urgency, factor(rate, objective.period), rate.long)),
    line("gone", 1, objective.period),
  ];
}

import type { StackConfig } from "../../../config/index.ts";
import { burnRates, factor } from "../slo/burn-rates.ts";
import { decimal } from "../slo/decimal.ts";
import { budget, type Objective, objective, objectives, sloService } from "../slo/objectives.ts";
import { errorRatio } from "../slo/recordings.ts";
import type { Section } from "./dashboard.ts";
import { graph, table, unit } from "./panels.ts";

/** What is promised, what was kept, and how fast the rest of the error budgets goes. */
export function objectiveSection({ namespace }: StackConfig): Section {
  const of = `{sloth_service="${sloService(namespace)}"}`;
  const remaining = `slo:period_error_budget_remaining:ratio${of}`;
  const availability = objective("availability");
  return {
    title: "Objectives",
    panels: [
      table({
        title: "Objectives",
        description: described(),
        height: 9,
        keys: { sloth_slo: "Objective" },
        columns: {
          Promised: { expr: `slo:objective:ratio${of}`, unit: unit.share, decimals: 1 },
          Days: { expr: `slo:time_period:days${of}`, unit: unit.count },
          Kept: {
            expr: `1 - slo:period_burn_rate:ratio${of} * on (sloth_id) group_left () slo:error_budget:ratio${of}`,
            unit: unit.share,
            decimals: 3,
          },
          "Budget left": {
            expr: remaining,
            unit: unit.share,
            decimals: 1,
            steps: ["red", [0.1, "orange"], [0.25, "green"]],
          },
          "Burn rate now": {
            expr: `slo:current_burn_rate:ratio${of}`,
            unit: unit.number,
            decimals: 1,
            steps: ["green", [1, "orange"], [fastest(availability), "red"]],
          },
        },
      }),
      graph({
        title: "Error budgets, over 30 days",
        description:
          "What is left of each objective's budget. It refills as bad hours leave the objective's period behind.",
        unit: unit.share,
        over: "30d",
        lines: { "{{sloth_slo}}": `max by (sloth_slo) (${remaining})` },
      }),
      graph({
        title: "How fast availability's budget burns",
        description:
          "1 is the pace at which the budget just lasts for its period. The dashed lines are where alerts fire, each for " +
          "the line of its window.",
        unit: unit.number,
        lines: Object.fromEntries(
          burnRates.map(({ long }) => [
            `over ${long}`,
            `${errorRatio(namespace, availability, long)} / ${decimal(budget(availability))}`,
          ]),
        ),
        limits: Object.fromEntries(
          burnRates.map((rate) => [
            `${rate.urgency} (${rate.long})`,
            `vector(${decimal(factor(rate, availability.period))})`,
          ]),
        ),
      }),
    ],
  };
}

const fastest = (availability: Objective) =>
  Math.max(...burnRates.map((rate) => factor(rate, availability.period)));

/** The objectives in words, as a list in Grafana's Markdown. */
const described = () =>
  [
    "Each objective, what was kept of it over its period, and what is left of the error budget.",
    "",
    ...objectives.map(
      ({ slo, title, percent }: Objective) => `- \`${slo}\`: ${decimal(percent)} % of ${title}`,
    ),
  ].join("\n");

import type { StackConfig } from "../../../config/index.ts";
import { seconds } from "../alerts/scope.ts";
import { series } from "../metrics/index.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { type Steps, stat, table, unit } from "./panels.ts";

/** When the stack's tokens end, and when the next ones take their place. */
export function tokens(config: StackConfig): Dashboard | undefined {
  const { ci, readOnly, service, root } = config.tokens;
  const any = [ci, readOnly, service, root].some((kind) => Object.keys(kind).length > 0);
  // The times are constants that recording rules hand to Prometheus.
  if (!any || !config.observability.rules.enabled) return undefined;
  return {
    name: "tokens",
    title: "Attic tokens",
    description: "When tokens end, and when the next ones take their place.",
    sections: [times(config)],
  };
}

const timeLeft: Steps = ["red", [0, "orange"], [7 * seconds.day, "green"]];

function times({ namespace }: StackConfig): Section {
  // While an update's new rules take the old ones' place, both generations are there: the newer one counts.
  const newest = (selector: string) => `max by (token, kind) (${selector})`;
  const end = series("attic_token_expiry_timestamp_seconds", { namespace });
  const due = series("attic_token_rotation_due_timestamp_seconds", { namespace });
  return {
    title: "Times",
    panels: [
      stat({
        title: "Next end",
        description: "How long the token that ends first is still valid. Each is replaced before.",
        unit: unit.seconds,
        width: 8,
        expr: `min(${newest(end)}) - time()`,
        steps: timeLeft,
      }),
      stat({
        title: "Overdue",
        description:
          "Tokens whose next generation is due: the scheduled update has not run since, or it is a root token, which " +
          "waits for somebody to raise its `generation`.",
        unit: unit.count,
        width: 8,
        expr: `count(${newest(due)} < time()) or 0 * count(${end})`,
        steps: ["green", [1, "orange"]],
      }),
      stat({
        title: "Tokens",
        description: "How many tokens the stack mints.",
        unit: unit.count,
        width: 8,
        expr: `count(${newest(end)})`,
      }),
      table({
        title: "Every token",
        description:
          "The newest generation of each token. Where the next one is due in the past, it is overdue. Generations before " +
          "it are valid until their own end.",
        height: 12,
        keys: { token: "Token", kind: "Kind", generation: "Generation" },
        columns: {
          "Next one due": { expr: `1000 * ${due}`, unit: unit.fromNow },
          Ends: { expr: `1000 * ${end}`, unit: unit.fromNow },
          "Time left": { expr: `${end} - time()`, unit: unit.seconds, steps: timeLeft },
        },
      }),
    ],
  };
}

import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { StackConfig } from "../../../config/index.ts";
import type { Severity } from "../rule.ts";
import { sloService } from "../slo/objectives.ts";
import { table, unit } from "./panels.ts";

/**
 * Selects the stack's alerts. Some carry the namespace, some the objective's service, and a few neither; what carries
 * another stack's is left out.
 */
const own = ({ namespace }: StackConfig) => [
  'alertname=~"Attic.+"',
  `namespace=~"${namespace}|"`,
  `sloth_service=~"${sloService(namespace)}|"`,
];

/** The series that Prometheus keeps of the stack's alerts that fire. */
export function firing(config: StackConfig, severity?: Severity): string {
  const matchers = ['alertstate="firing"', ...own(config), ...(severity ? [`severity="${severity}"`] : [])];
  return `ALERTS{${matchers.join(", ")}}`;
}

/** What fires, since when, each with a link to its runbook. */
export function firingTable(config: StackConfig): Panel {
  return table({
    title: "Firing",
    description: "The stack's alerts that fire now. A click on a name opens its runbook.",
    keys: { alertname: "Alert", severity: "Severity" },
    links: {
      Alert: {
        title: "Runbook",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts the alert's name there
        url: `${config.observability.rules.runbooks}${"${__value.text}"}.md`,
      },
    },
    columns: {
      "How many": { expr: `count by (alertname, severity) (${firing(config)})`, unit: unit.count },
      For: {
        expr: `time() - (ALERTS_FOR_STATE{${own(config).join(", ")}} and ignoring (alertstate) ${firing(config)})`,
        unit: unit.seconds,
      },
    },
  });
}

import { resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { eachAlert, PROMETHEUS_RULE } from "./rules.ts";

const ANNOTATIONS = {
  summary: "the person who is woken sees a name and nothing else",
  description: "nobody knows what it means for clients",
  runbook_url: "nobody knows what to do",
} as const;

/** Whoever is woken at night must see what is wrong, for whom, and where it says what to do. */
export const alertsComplete = resourcePolicy({
  name: "alerts-complete",
  description: "Every alert has a severity that is routed, a summary, a description and a runbook.",
  level: "mandatory",
  kinds: [PROMETHEUS_RULE],
  settings: {
    severities: list(
      ["critical", "page", "warning", "ticket", "info"],
      "severities that somebody is told of",
    ),
  },
  *check(subject, { severities }) {
    yield* eachAlert(subject, function* ({ alert, labels, annotations, field }) {
      if (!severities.includes(labels.severity ?? "")) {
        yield {
          field: `${field}.labels.severity`,
          found: labels.severity,
          problem: `${alert} is routed to nobody`,
          fix: `Use one of ${severities.join(", ")}.`,
        };
      }
      for (const [annotation, problem] of Object.entries(ANNOTATIONS)) {
        if (annotations[annotation]?.trim()) continue;
        yield {
          field: `${field}.annotations.${annotation}`,
          problem: `${alert}: ${problem}`,
          fix: "Write it.",
        };
      }
    });
  },
});

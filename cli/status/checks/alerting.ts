import { type Check, type Facts, failed, judged, passed, runbook, without } from "./check.ts";
import { allOf, present } from "./edge.ts";

const unruled = ({ config }: Facts) =>
  without(!config.observability.rules.enabled, "the stack makes no rules");

/** Why Prometheus was not asked; undefined when it answered. */
function unasked({ snapshot: { prometheus } }: Facts): string | undefined {
  if (prometheus.is === "there") return undefined;
  return prometheus.is === "missing"
    ? `no ${prometheus.what}`
    : `Prometheus was not asked: ${prometheus.why}`;
}

/** Why nobody knows which rules are loaded. */
const untold = ({ snapshot: { prometheus } }: Facts) =>
  prometheus.is === "there" && prometheus.value.unloaded === undefined
    ? `${prometheus.value.from} does not tell its rules`
    : undefined;

/** Whether somebody would be told, and is told now. */
export const alertingChecks: readonly Check[] = [
  {
    id: "rules",
    area: "rules",
    title: "the PrometheusRules are there",
    see: "docs/alerts.md",
    skip: unruled,
    expected: ({ snapshot }) => allOf(snapshot.rules),
    judge: ({ snapshot }) => judged(snapshot.rules, present),
  },
  {
    id: "rules-loaded",
    area: "rules",
    title: "Prometheus has loaded the rules",
    see: "docs/alerts.md",
    skip: (facts) => unruled(facts) ?? unasked(facts) ?? untold(facts),
    expected: () => "every group of them",
    judge: ({ snapshot }) =>
      judged(snapshot.prometheus, ({ unloaded = [], from }) =>
        unloaded.length > 0 ? failed(`${from} lacks ${unloaded.join(", ")}`) : passed(`${from} has all`),
      ),
  },
  {
    id: "alerts",
    area: "alerts",
    title: "no alert of the stack fires",
    see: "docs/alerts.md",
    only: "status",
    skip: (facts) => unruled(facts) ?? unasked(facts),
    expected: () => "none",
    judge: ({ snapshot }) =>
      judged(snapshot.prometheus, ({ firing }) => {
        const words = firing.map(({ alert, severity }) => `${alert} (${severity}): ${runbook(alert)}`);
        return firing.length > 0 ? failed(words.join("; ")) : passed("none");
      }),
  },
];

import type { FiringAlert, Prometheus } from "../snapshot.ts";
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

/** What to do where the Prometheus that was found is another's. */
const another = "if the stack's is another one, --prometheus or $PROMETHEUS_URL names it";

/**
 * The alerts that fire: the stack's own, by which it is judged, and in words those that others have about its
 * namespace, such as kube-prometheus-stack about pods in general. Whatever is neither `warning` nor `critical` is meant
 * for Alertmanager.
 */
export function firingAlerts({ firing }: Prometheus): { own: FiringAlert[]; others: string[] } {
  const isOwn = ({ alert }: FiringAlert) => alert.startsWith("Attic");
  return {
    own: firing.filter(isOwn),
    others: firing
      .filter((each) => !isOwn(each) && /^(warning|critical)$/.test(each.severity))
      .map(({ alert, severity, runbook = "" }) => `${alert} (${severity}) ${runbook}`.trimEnd()),
  };
}

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
        unloaded.length > 0
          ? failed(`${from} lacks ${unloaded.join(", ")}; ${another}`)
          : passed(`${from} has all`),
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
      judged(snapshot.prometheus, (found) => {
        const { own, others } = firingAlerts(found);
        if (own.length === 0) return passed(["none", ...others].join("; "));
        return failed(
          own.map(({ alert, severity }) => `${alert} (${severity}): ${runbook(alert)}`).join("; "),
        );
      }),
  },
];

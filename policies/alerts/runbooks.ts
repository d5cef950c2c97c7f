import { resourcePolicy } from "../framework/policy.ts";
import { eachAlert, PROMETHEUS_RULE } from "./rules.ts";

/**
 * A link that leads nowhere costs the minutes that count.
 * @param runbooks names of the alerts that have a file docs/runbooks/<Alert>.md
 */
export const runbooksExist = (runbooks: ReadonlySet<string>) =>
  resourcePolicy({
    name: "runbooks-exist",
    description: "Every alert's link leads to its own page docs/runbooks/<Alert>.md.",
    level: "mandatory",
    kinds: [PROMETHEUS_RULE],
    *check(subject) {
      yield* eachAlert(subject, function* ({ alert, annotations: { runbook_url: url }, field }) {
        // That there is none at all is told by alerts-complete.
        if (!url) return;
        const [, page] = /\/docs\/runbooks\/([^/#?]+)\.md(?:#.*)?$/.exec(url) ?? [];
        if (page === alert && runbooks.has(alert)) return;
        yield {
          field: `${field}.annotations.runbook_url`,
          found: url,
          problem:
            page === alert ? `there is no docs/runbooks/${alert}.md` : "it is not the alert's own page",
          fix: `Write docs/runbooks/${alert}.md and link to it.`,
        };
      });
    },
  });

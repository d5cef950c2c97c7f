import { alertingChecks } from "./alerting.ts";
import type { Area, Asker, Check, Facts } from "./check.ts";
import { databaseChecks } from "./database.ts";
import { edgeChecks } from "./edge.ts";
import { ingressChecks } from "./ingress.ts";
import { scalingChecks } from "./scaling.ts";
import { workloadChecks } from "./workloads.ts";

export type { Area, Check, Facts } from "./check.ts";

/** Every check, in the order in which they are shown. docs/verify.md has a row for each. */
export const checks: readonly Check[] = [
  ...workloadChecks,
  ...scalingChecks,
  ...databaseChecks,
  ...edgeChecks,
  ...alertingChecks,
  ...ingressChecks,
];

/** What became of one check. */
export type Outcome = "passed" | "failed" | "skipped";

/** One check, with what it came to. */
export interface CheckResult {
  /** As `--skip` takes it: `api-rollout`. */
  id: string;
  area: Area;
  /** In words, as it should be. */
  title: string;
  outcome: Outcome;
  /** What was found, or why it was skipped. */
  found: string;
  /** What would have passed. */
  expected: string;
  /** What to look at when it failed: a page of docs/. */
  see: string;
}

/**
 * Judges everything that was seen.
 * @param skipped why a check is left out, by its id
 */
export function judgeAll(
  facts: Facts,
  asker: Asker,
  skipped: Readonly<Record<string, string>> = {},
): CheckResult[] {
  return checks
    .filter(({ only = asker }) => only === asker)
    .map((check): CheckResult => {
      const { id, area, title, see } = check;
      const common = { id, area, title, expected: check.expected(facts), see };
      const reason = skipped[id];
      if (reason !== undefined) return { ...common, outcome: "skipped", found: `by hand: ${reason}` };
      const why = check.skip?.(facts);
      if (why !== undefined) return { ...common, outcome: "skipped", found: why };
      const { ok, found } = check.judge(facts);
      return { ...common, outcome: ok ? "passed" : "failed", found };
    });
}

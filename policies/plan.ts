import { show } from "./framework/message.ts";
import type { Problem } from "./framework/policy.ts";
import { exceptionKey, title } from "./framework/subject.ts";
import { noLoss } from "./plan/loss.ts";
import { type Operation, operation, type Step } from "./plan/operation.ts";
import { noShrinking } from "./plan/shrinking.ts";
import { databaseVersion, migratedImages } from "./plan/versions.ts";

export type { Step } from "./plan/operation.ts";

/** Something that an update must not do. */
export interface PlanProblem extends Problem {
  operation: Operation;
}

/** The same, ready to be told. */
export interface PlanFinding {
  rule: string;
  urn: string;
  /** The resource as people call it. */
  resource: string;
  /** The engine's word for what it would do. */
  op: string;
  /** Path of the field; empty for the resource as a whole. */
  field: string;
  found: string | undefined;
  problem: string;
  fix: string;
}

/** What a review of a plan came to. */
export interface PlanReview {
  findings: PlanFinding[];
  /** Exceptions that nothing was found for, as `rule Kind/name`. */
  unusedExceptions: string[];
}

/** What is looked for in a plan, by the name of the rule. */
export const planRules = {
  "no-loss": noLoss,
  "no-shrinking": noShrinking,
  "database-version": databaseVersion,
  "migrated-images": migratedImages,
} satisfies Record<string, (operations: readonly Operation[]) => Iterable<PlanProblem>>;

/** What is excepted, by rule and by Kind/name, each with the reason. */
export type Exceptions = Readonly<Partial<Record<keyof typeof planRules, Readonly<Record<string, string>>>>>;

/**
 * Reviews what an update would do, which policies cannot see: they are shown what there is to be, never what there
 * was. Refuse the update when there is a finding.
 * @param steps the steps of a preview, from the engine's events or from `pulumi preview --json`
 * @param except resources that may be changed so
 */
export function reviewPlan(steps: Iterable<Step>, except: Exceptions = {}): PlanReview {
  const operations = [...steps].map(operation);
  const findings = new Map<string, PlanFinding>();
  const used = new Set<string>();
  for (const [rule, look] of Object.entries(planRules)) {
    for (const { operation, field, found, problem, fix } of look(operations)) {
      const subject = operation.before ?? operation.after;
      if (!subject) continue;
      const key = exceptionKey(subject);
      if (Object.hasOwn(except[rule as keyof typeof planRules] ?? {}, key)) {
        used.add(`${rule} ${key}`);
        continue;
      }
      // A replacement is several steps; the first one tells it.
      const once = `${rule} ${operation.urn} ${field}`;
      if (findings.has(once)) continue;
      findings.set(once, {
        rule,
        urn: operation.urn,
        resource: title(subject),
        op: operation.op,
        field,
        found: found === undefined ? undefined : show(found),
        problem,
        fix,
      });
    }
  }
  return {
    findings: [...findings.values()],
    unusedExceptions: Object.entries(except).flatMap(([rule, resources]) =>
      Object.keys(resources)
        .map((key) => `${rule} ${key}`)
        .filter((key) => !used.has(key)),
    ),
  };
}

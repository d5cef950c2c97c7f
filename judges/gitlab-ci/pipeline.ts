import type { Configuration, Rule } from "./configuration.ts";
import { holds, type Variables } from "./expression.ts";

/** When a job of a pipeline runs. */
export type When = "on_success" | "manual" | "always" | "on_failure" | "delayed";

/** The jobs that a pipeline has, and when each runs; undefined where GitLab makes no pipeline at all. */
export function pipelineOf(configuration: Configuration, given: Variables): Map<string, When> | undefined {
  const variables = { ...configuration.variables, ...given };
  const workflow = matching(configuration.workflow.rules, variables);
  if (!workflow || workflow.when === "never") return undefined;
  const all = { ...variables, ...workflow.variables };
  const jobs = new Map<string, When>();
  for (const [name, job] of configuration.jobs) {
    const rule = job.rules ? matching(job.rules, { ...all, ...job.variables }) : {};
    const when = rule ? (rule.when ?? job.when ?? "on_success") : "never";
    if (when !== "never") jobs.set(name, when as When);
  }
  return jobs.size > 0 ? jobs : undefined;
}

/** The first rule that applies. */
export function matching(rules: readonly Rule[], variables: Variables): Rule | undefined {
  return rules.find((rule) => rule.if === undefined || holds(rule.if, variables));
}

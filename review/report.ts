import { range } from "../cost/command.ts";
import { difference as costDifference, type Estimate } from "../cost/estimate.ts";
import type { Review } from "../policies/framework/review.ts";
import type { PlanFinding } from "../policies/plan.ts";
import { dangers } from "./dangers.ts";
import { difference } from "./difference.ts";
import { cell, details, fenced, heading, table } from "./markdown.ts";
import { scalingChanges } from "./scaling.ts";
import { type Change, kindOf, type Step } from "./steps.ts";
import { tokenChanges } from "./tokens.ts";

/** What a report is made of. */
export interface ReportInput {
  stack: string;
  steps: readonly Step[];
  /** What the policies say; undefined when none were asked. */
  policies?: { count: number; review: Review };
  /** What the rules over plans refuse to do. @default none */
  plan?: readonly PlanFinding[];
  /** A month's cost, and what it was by the configuration that is compared with. */
  cost: { currency: string; asOf: string; after: Estimate; before?: Estimate };
  /** Why the plan is not the whole truth, for instance that it was made against an empty state. */
  remarks?: readonly string[];
}

const words: Readonly<Record<Exclude<Change, "keep">, string>> = {
  delete: "deleted",
  replace: "replaced",
  change: "changed",
  add: "added",
};
const kinds = Object.keys(words) as (keyof typeof words)[];

/** The report, as Markdown. The same input makes the same text. */
export function report(input: ReportInput): string {
  const { stack, steps } = input;
  const sections = [
    heading(1, `What an update of ${stack} does`),
    verdict(steps),
    ...(input.remarks ?? []).map((remark) => `> ${remark}`),
    dangerSection(steps),
    planSection(input.plan ?? []),
    policySection(input.policies),
    componentSection(steps),
    scalingSection(steps),
    tokenSection(steps),
    costSection(input.cost),
    detailSection(steps),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const count = (steps: readonly Step[], change: Change) =>
  steps.filter((step) => step.change === change).length;
const titleOf = (step: Step) => `${kindOf(step)} \`${step.name}\``;

function verdict(steps: readonly Step[]): string {
  const parts = kinds.flatMap((kind) =>
    count(steps, kind) > 0 ? [`${count(steps, kind)} ${words[kind]}`] : [],
  );
  const kept = count(steps, "keep");
  if (parts.length === 0) return `**Nothing changes.** All ${kept} objects stay as they are.`;
  const safe = dangers(steps).length === 0 ? " Nothing is deleted or replaced." : "";
  return `**${parts.join(", ")}.**${safe}${kept > 0 ? ` ${kept} objects stay as they are.` : ""}`;
}

function dangerSection(steps: readonly Step[]): string {
  const all = dangers(steps);
  if (all.length === 0) return "";
  const rows = all.map(({ step, loss }) => [
    step.change === "delete" ? "deleted" : "replaced",
    titleOf(step),
    loss === "" ? "nothing that is not made anew" : `⚠️ ${loss}`,
    step.forces.join(", "),
  ]);
  return `${heading(2, "Deleted and replaced")}\n\n${table(["", "object", "what is lost", "because of"], rows)}`;
}

function planSection(findings: readonly PlanFinding[]): string {
  if (findings.length === 0) return "";
  const rows = findings.map(({ rule, resource, field, found, problem, fix }) => [
    rule,
    resource,
    `${field}${found === undefined ? "" : ` = ${found}`}`,
    `${problem}; ${fix}`,
  ]);
  return `${heading(2, "Must not be done")}\n\n${table(["rule", "object", "", "why, and what to do"], rows)}`;
}

function policySection(policies: ReportInput["policies"]): string {
  if (!policies) return `${heading(2, "Policies")}\n\nNone were asked.`;
  const { count, review } = policies;
  const { findings, open } = review;
  const undecided =
    open.length > 0 ? `\n\n${open.length} judgements wait for values that only the update knows.` : "";
  if (findings.length === 0) return `${heading(2, "Policies")}\n\nAll ${count} policies pass.${undecided}`;
  const rows = findings.map(({ level, policy, resource, field, found, problem, fix }) => [
    level === "advisory" ? "advice" : "**refused**",
    policy,
    resource,
    `${field}${found === undefined ? "" : ` = ${found}`}`,
    `${problem}; ${fix}`,
  ]);
  return `${heading(2, "Policies")}\n\n${table(["", "policy", "object", "field", "what is wrong, what to do"], rows)}${undecided}`;
}

function componentSection(steps: readonly Step[]): string {
  const changed = steps.filter(({ change }) => change !== "keep");
  if (changed.length === 0) return "";
  const groups = Object.entries(Object.groupBy(changed, ({ component }) => component || "the stack itself"));
  const rows = groups
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([component, own = []]) => [component, ...kinds.map((kind) => String(count(own, kind) || ""))]);
  return `${heading(2, "By component")}\n\n${table(["component", ...kinds.map((kind) => words[kind])], rows)}`;
}

function scalingSection(steps: readonly Step[]): string {
  const rows = scalingChanges(steps).map(({ object, field, before, after }) => [
    object,
    field,
    before,
    after,
  ]);
  return rows.length === 0
    ? ""
    : `${heading(2, "How much runs")}\n\n${table(["object", "", "before", "after"], rows)}`;
}

function tokenSection(steps: readonly Step[]): string {
  const all = tokenChanges(steps);
  if (all.length === 0) return "";
  const rows = all.map(({ token, kind, before, after, expires = "", rotates = "" }) => [
    `\`${token}\``,
    kind,
    change(before, after),
    expires,
    kind === "root" && rotates ? `${rotates}, by hand` : rotates,
  ]);
  return `${heading(2, "Tokens")}\n\n${table(["token", "kind", "with this update", "valid until", "next one"], rows)}`;
}

function change(before: string | undefined, after: string | undefined): string {
  if (after === undefined) return "gone; the token is valid until its end";
  if (before === undefined) return "new";
  return before === after ? "stays" : `rotates: generation ${before} → ${after}`;
}

function costSection({ currency, asOf, before, after }: ReportInput["cost"]): string {
  const month = (estimate: Estimate) => `${range(estimate.total.low, estimate.total.high)} ${currency}`;
  const changes = before ? costDifference(before, after) : [];
  const head = `${heading(2, "Cost")}\n\n${month(after)} a month at list prices of ${asOf}`;
  if (!before) return `${head}.`;
  if (changes.length === 0) return `${head}, as before.`;
  const rows = changes.map((row) => [row.component, row.before.toFixed(2), row.after.toFixed(2)]);
  return `${head}; before it was ${month(before)}.\n\n${table(["at most", "before", "after"], rows)}`;
}

function detailSection(steps: readonly Step[]): string {
  const changed = steps.filter(({ change }) => change !== "keep");
  if (changed.length === 0) return "";
  const one = (step: Step) =>
    `${cell(`${words[step.change as keyof typeof words]}: ${kindOf(step)} ${step.name}`)}\n\n${fenced("diff", difference(step))}`;
  return details(`All ${changed.length} differences`, changed.map(one).join("\n\n"));
}

import { range } from "../cost/command.ts";
import { difference as costDifference, type Price } from "../cost/estimate.ts";
import type { PlanFinding } from "../policies/plan.ts";
import type { Cost } from "./cost.ts";
import { dangers } from "./dangers.ts";
import { difference } from "./difference.ts";
import { cell, details, fenced, heading, table } from "./markdown.ts";
import type { Objection } from "./policies.ts";
import { scalingChanges } from "./scaling.ts";
import { type Change, kindOf, type Step } from "./steps.ts";
import type { TokenChange } from "./tokens.ts";

/** What a report is made of. */
export interface ReportInput {
  stack: string;
  steps: readonly Step[];
  /** How many policies were asked, what they say, and what they cannot judge yet; undefined when none were asked. */
  policies?: { count: number; objections: readonly Objection[]; open: number };
  /** What the rules over plans refuse to do. @default none */
  plan?: readonly PlanFinding[];
  /** Every token; undefined when the plan does not tell. */
  tokens: readonly TokenChange[] | undefined;
  cost: Cost;
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
    tokenSection(input.tokens),
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
  const { count, objections, open } = policies;
  const undecided = open > 0 ? `\n\n${open} judgements wait for values that only the update knows.` : "";
  if (objections.length === 0) {
    return `${heading(2, "Policies")}\n\nAll ${count} policies pass.${undecided}`;
  }
  const rows = objections.map(({ refuses, policy, resource, field, text }) => [
    refuses ? "**refused**" : "advice",
    policy,
    resource,
    field,
    text,
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

function tokenSection(all: ReportInput["tokens"]): string {
  if (!all) {
    const why = "what is deployed does not say yet which there are. The next plan can.";
    return `${heading(2, "Tokens")}\n\nThis plan cannot tell which tokens rotate: ${why}`;
  }
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

function costSection({ currency, asOf, before, after, incomparable }: Cost): string {
  const price = ({ low, high }: Price) => range(low, high);
  const changes = before ? costDifference(before, after) : [];
  const head = `${heading(2, "Cost")}\n\n${price(after.total)} ${currency} a month at list prices of ${asOf}`;
  if (!before) return [`${head}.`, incomparable].filter(Boolean).join(" ");
  if (changes.length === 0) return `${head}, as before.`;
  const rows = changes.map((row) => [row.component, price(row.before), price(row.after)]);
  return `${head}; before it was ${price(before.total)} ${currency}.\n\n${table(["", "before", "after"], rows)}`;
}

function detailSection(steps: readonly Step[]): string {
  const changed = steps.filter(({ change }) => change !== "keep");
  if (changed.length === 0) return "";
  const one = (step: Step) =>
    `${cell(`${words[step.change as keyof typeof words]}: ${kindOf(step)} ${step.name}`)}\n\n${fenced("diff", difference(step))}`;
  return details(`All ${changed.length} differences`, changed.map(one).join("\n\n"));
}

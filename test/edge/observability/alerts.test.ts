import { beforeAll, describe, expect, test } from "vitest";
import type { StackConfig } from "../../../config/resolve.ts";
import { type RuleTest, testRules } from "../../support/promtool.ts";
import { type Case, type Firing, namespace } from "./cases/case.ts";
import { cases } from "./cases/index.ts";
import { allGroups, groupsOf, stacks } from "./emitted.ts";

type Labels = Record<string, string>;

/** Whether labels are among others. */
const within = (some: Labels, all: Labels) =>
  Object.entries(some).every(([label, value]) => all[label] === value);

function stackOf({ stack = "production" }: Case): StackConfig {
  const config = stacks[stack];
  if (!config) throw new Error(`a case names the stack ${stack}, which there is not`);
  return config;
}

/** A case as promtool is to run it. Where it says nothing of the texts, they are left out of the rules. */
function ruleTest(alert: string, it: Case): RuleTest {
  const config = stackOf(it);
  const firing = Object.values(it.fires).flat();
  const texts = firing.some(({ says }) => says);
  const groups = groupsOf(alert, allGroups(config)).map((group) => ({
    ...group,
    rules: group.rules.map(({ annotations, ...rule }) => (texts ? { ...rule, annotations } : rule)),
  }));
  const annotations = ({ says }: Firing): Labels =>
    says ? { ...says, runbook_url: `${config.observability.rules.runbooks}${alert}.md` } : {};
  return {
    name: nameOf(alert, it),
    groups,
    interval: it.every ?? "1m",
    start: it.start ?? "1970-01-01T00:00:00Z",
    series: it.series,
    alerts: Object.entries(it.fires).map(([after, fires]) => ({
      after,
      alert,
      fires: fires.map((one) => ({ labels: one.labels, annotations: annotations(one) })),
    })),
  };
}

const nameOf = (alert: string, { when, stack }: Case) => `${alert}: ${when}${stack ? ` (${stack})` : ""}`;

/** These tell that something is missing, and another stack's does not make up for it. */
const aboutAbsence = ["AtticMetricsAbsent", "AtticRouterMetricsAbsent"];

/** These tell of what stands in a namespace that is no stack's. */
const aboutOperators = ["AtticIngressDown", "AtticDatabaseOperatorDown"];

/** The first case in which an alert fires, with everything in it happening to another stack. */
function elsewhere(alert: string, all: readonly Case[]): Case[] {
  const first = all.find(({ fires }) => Object.values(fires).flat().length > 0);
  if (!first || [...aboutAbsence, ...aboutOperators].includes(alert)) return [];
  const series = Object.entries(first.series).map(([name, values]) => [
    name.replaceAll(`"${namespace}`, '"other'),
    values,
  ]);
  return [
    {
      ...first,
      when: `not if it is another stack: ${first.when}`,
      series: Object.fromEntries(series),
      fires: Object.fromEntries(Object.keys(first.fires).map((after) => [after, []])),
    },
  ];
}

describe.each(Object.entries(cases))("%s", (_, table) => {
  const tests = Object.entries(table).flatMap(([alert, all]) =>
    [...all, ...elsewhere(alert, all)].map((it) => ruleTest(alert, it)),
  );
  let results: Map<string, string[]>;
  beforeAll(async () => {
    results = await testRules(tests);
  });

  test.each(tests.map(({ name }) => name))("%s", (name) => {
    expect(results.get(name)?.join("\n")).toBe("");
  });
});

describe("the cases", () => {
  const table = Object.assign({}, ...Object.values(cases)) as Record<string, readonly Case[]>;
  const emitted = Object.values(stacks).flatMap((config) =>
    allGroups(config).flatMap(({ rules }) =>
      rules.flatMap(({ alert, labels = {} }) => (alert ? [{ alert, labels }] : [])),
    ),
  );
  const rules = [...new Map(emitted.map((rule) => [JSON.stringify(rule), rule])).values()];
  const firing = (it: Case, labels: Labels) =>
    Object.values(it.fires)
      .flat()
      .some((one) => within(labels, one.labels));

  test.each(rules)("make $alert $labels fire, and keep it from firing", ({ alert, labels }) => {
    const of = table[alert] ?? [];
    expect(of.some((it) => firing(it, labels))).toBe(true);
    expect(of.some((it) => !firing(it, labels))).toBe(true);
  });

  test.each(rules)("say what a person reads of $alert $labels", ({ alert, labels }) => {
    const told = (table[alert] ?? []).flatMap((it) => Object.values(it.fires).flat());
    expect(told.some((one) => within(labels, one.labels) && one.says)).toBe(true);
  });

  test("are of alerts that some stack has", () => {
    const names = new Set(rules.map(({ alert }) => alert));
    expect(Object.keys(table).filter((alert) => !names.has(alert))).toEqual([]);
  });

  test("have one name each", () => {
    const all = Object.entries(table).flatMap(([alert, of]) => of.map((it) => nameOf(alert, it)));
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });
});

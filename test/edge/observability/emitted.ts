import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { prometheusRule } from "../../../components/observability/rule.ts";
import { ruleObjects } from "../../../components/observability/rule-objects.ts";
import { loadStackConfig, type RawConfig } from "../../../config/load.ts";
import type { StackConfig } from "../../../config/resolve.ts";
import { SHIPPED } from "../../../config/shipped.ts";
import { readStackFile, stackNames } from "../../../config/stack-file.ts";
import type { PlainGroup, PlainRule } from "../../support/promtool.ts";
import { least, raw } from "../../support/settings.ts";

const project = join(import.meta.dirname, "../../..");

const load = (from: RawConfig, name: string): [string, StackConfig] => [name, loadStackConfig(from, name)];

const install = { install: true };

/**
 * Every stack that the project comes with, one with the least that a stack must say, one whose garbage a CronJob
 * collects, and one that installs its operators.
 */
export const stacks: Readonly<Record<string, StackConfig>> = Object.fromEntries([
  ...stackNames(SHIPPED).map((name) => load(readStackFile(SHIPPED, name), name)),
  load(raw(least), "least"),
  load(
    raw({ ...least, garbageCollection: { runAs: "cronJob", schedule: "0 3 * * *" } }),
    "least, with a CronJob",
  ),
  load(
    raw({
      ...least,
      database: {
        provider: "cloudNativePg",
        cloudNativePg: { roleArn: "arn:aws:iam::123456789012:role/attic-pg" },
      },
      operators: { traefik: install, cloudNativePg: install, barmanCloud: install, certManager: install },
    }),
    "with its operators",
  ),
]);

/** The groups that a stack's PrometheusRule objects hold, by the object's name. */
export function emittedGroups(config: StackConfig): Record<string, PlainGroup[]> {
  return Object.fromEntries(
    Object.entries(ruleObjects(config)).map(([name, groups]) => {
      const { spec } = prometheusRule(config, name, groups) as Manifest & { spec: { groups: PlainGroup[] } };
      return [name, spec.groups];
    }),
  );
}

/** All groups of a stack, in the order in which they are emitted. */
export const allGroups = (config: StackConfig): PlainGroup[] => Object.values(emittedGroups(config)).flat();

/**
 * The groups as far as an alert needs them: its own rules, those that record what these read, and so on. The others
 * would only take time.
 */
export function groupsOf(alert: string, groups: readonly PlainGroup[]): PlainGroup[] {
  const all = groups.flatMap(({ rules }) => rules);
  const needed = new Set(all.filter((rule) => rule.alert === alert));
  for (const { expr } of needed) for (const rule of all) if (reads(expr, rule)) needed.add(rule);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(rule)) }))
    .filter(({ rules }) => rules.length > 0);
}

/** Whether a query names what a rule records, with the labels that it gives it as far as the query names these. */
function reads(query: string, { record, labels = {} }: PlainRule): boolean {
  if (!record || !query.includes(record)) return false;
  return Object.entries(labels).every(
    ([label, value]) => !query.includes(`${label}="`) || query.includes(`${label}="${value}"`),
  );
}

/** The groups of every PrometheusRule among the golden files, by path. */
export function goldenGroups(): Record<string, PlainGroup[]> {
  const folder = join(project, "test/golden");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".yaml"),
  );
  return Object.fromEntries(
    paths
      .map((path) => [path, parse(readFileSync(join(folder, path), "utf8"))] as const)
      .filter(([, object]) => object.kind === "PrometheusRule")
      .map(([path, object]) => [path, object.spec.groups]),
  );
}

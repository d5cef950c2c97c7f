import { alertGroups } from "../../../../../components/observability/alerts/index.ts";
import type { Alert, RuleGroup } from "../../../../../components/observability/rule.ts";
import { loadStackConfig } from "../../../../../config/load.ts";
import type { StackConfig } from "../../../../../config/resolve.ts";
import type { Settings } from "../../../../../config/schema/index.ts";
import { SHIPPED } from "../../../../../config/shipped.ts";
import { readStackFile, stackNames } from "../../../../../config/stack-file.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { databaseConfig } from "../../postgres/settings.ts";

const token = { caches: { main: ["pull" as const] } };

/** One token of each kind. */
export const everyToken = {
  ci: { images: token },
  readOnly: { laptops: token },
  service: { mirror: token },
  root: { admin: token },
} satisfies Settings["tokens"];

const install = { install: true };

/** The stack installs all of its operators. */
export const everyOperator = {
  traefik: install,
  cloudNativePg: install,
  barmanCloud: install,
  certManager: install,
} satisfies Settings["operators"];

/** Stacks that differ in what can be alerted on: those that the project comes with, and those with the least and the most. */
export const stacks: Readonly<Record<string, StackConfig>> = {
  ...Object.fromEntries(
    stackNames(SHIPPED).map((name) => [name, loadStackConfig(readStackFile(SHIPPED, name), name)]),
  ),
  "with the least settings": stackConfig(),
  "with nothing that can be left out": stackConfig({ ingress: { enabled: false } }),
  "with everything": databaseConfig({}, { tokens: everyToken, operators: everyOperator }),
  "with a CronJob": databaseConfig({}, { garbageCollection: { runAs: "cronJob" }, tokens: everyToken }),
  "in another namespace": databaseConfig({}, { namespace: "another", tokens: everyToken }),
};

/** The alerts among some groups. */
export const alertsIn = (groups: readonly RuleGroup[]): Alert[] =>
  groups.flatMap(({ rules }) => rules.filter((rule) => "alert" in rule));

/** The alerts of a stack that no objective covers. */
export const alertsOf = (config: StackConfig): Alert[] => alertsIn(alertGroups(config));

/** The names of those alerts, each once. */
export const namesOf = (config: StackConfig): string[] => [
  ...new Set(alertsOf(config).map(({ alert }) => alert)),
];

/**
 * The one alert of that name.
 * @throws Error if there is none, or several
 */
export function alertOf(config: StackConfig, name: string): Alert {
  const found = alertsOf(config).filter(({ alert }) => alert === name);
  if (found.length !== 1 || !found[0]) throw new Error(`expected one ${name}, found ${found.length}`);
  return found[0];
}

import type { StackConfig } from "../../../config/index.ts";
import type { RuleGroup } from "../rule.ts";
import { absenceAlerts } from "./absence-alerts.ts";
import { burnAlerts } from "./burn-alerts.ts";
import { type Objective, objectives, sloLabels } from "./objectives.ts";
import { recordings } from "./recordings.ts";
import { targetAlerts } from "./target-alerts.ts";

/**
 * What records the objectives and tells when they are in danger. Everything is measured at Traefik, so a stack
 * without an ingress has none.
 */
export function sloGroups(config: StackConfig): RuleGroup[] {
  if (!config.ingress.enabled) return [];
  const { namespace } = config;
  return [
    ...objectives.flatMap((objective: Objective) => {
      const rules = burnAlerts(config, objective);
      const name = `sloth-slo-alerts-${sloLabels(namespace, objective).sloth_id}`;
      return [...recordings(namespace, objective), ...(rules.length > 0 ? [{ name, rules }] : [])];
    }),
    { name: "attic-slo-targets", rules: targetAlerts(config) },
    { name: "attic-slo-absence", rules: absenceAlerts(config) },
  ];
}

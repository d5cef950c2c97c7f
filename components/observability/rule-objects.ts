import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import { alertGroups } from "./alerts/index.ts";
import type { RuleGroup } from "./rule.ts";
import { sloGroups } from "./slo/index.ts";

/** The stack's rules by the name of the PrometheusRule that holds them. None is empty. */
export function ruleObjects(config: StackConfig): Record<string, RuleGroup[]> {
  const objects = {
    [`${names.api}-slo`]: sloGroups(config),
    [`${names.api}-alerts`]: alertGroups(config),
  };
  return Object.fromEntries(Object.entries(objects).filter(([, groups]) => groups.length > 0));
}

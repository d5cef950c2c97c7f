import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import { resource } from "../kubernetes/resource.ts";
import { alertGroups } from "./alerts/index.ts";
import { dashboards } from "./dashboards/index.ts";
import { monitors } from "./monitors.ts";
import { prometheusRule, type RuleGroup } from "./rule.ts";
import { sloGroups } from "./slo/index.ts";

/** What an Observability is made of. */
export interface ObservabilityArgs {
  /** The stack's configuration. */
  config: StackConfig;
}

/** What is measured of the stack, and who is told: recording rules, alerts, monitors and dashboards. */
export class Observability extends pulumi.ComponentResource {
  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:observability:Observability", name, {}, options);
    const { config } = args;
    if (config.observability.rules.enabled) {
      for (const [rule, groups] of Object.entries(ruleObjects(config))) {
        resource(prometheusRule(config, rule, groups), { parent: this });
      }
    }
    for (const manifest of [...monitors(config), ...dashboards(config)]) resource(manifest, { parent: this });
    this.registerOutputs({});
  }
}

/** The stack's rules by the name of the PrometheusRule that holds them. None is empty. */
export function ruleObjects(config: StackConfig): Record<string, RuleGroup[]> {
  const objects = {
    [`${names.api}-slo`]: sloGroups(config),
    [`${names.api}-alerts`]: alertGroups(config),
  };
  return Object.fromEntries(Object.entries(objects).filter(([, groups]) => groups.length > 0));
}

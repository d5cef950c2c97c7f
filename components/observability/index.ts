import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { resource } from "../kubernetes/resource.ts";
import { dashboards } from "./dashboards/index.ts";
import { monitors } from "./monitors.ts";
import { prometheusRule } from "./rule.ts";
import { ruleObjects } from "./rule-objects.ts";

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

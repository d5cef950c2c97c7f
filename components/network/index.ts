import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { resource } from "../kubernetes/resource.ts";
import { networkPolicies } from "./policies.ts";

/** What the stack's NetworkPolicies are made of. */
export interface NetworkArgs {
  /** The stack's configuration. */
  config: StackConfig;
}

/**
 * Who may talk to whom in the stack's namespace: nobody, but for what its NetworkPolicies name. Make it before the
 * pods, so that none runs a moment without them.
 */
export class Network extends pulumi.ComponentResource {
  constructor(name: string, { config }: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:network:Network", name, {}, options);
    for (const policy of networkPolicies(config)) resource(policy, { parent: this });
    this.registerOutputs({});
  }
}

import { PolicyPack } from "@pulumi/policy";
import { policies } from "./all.ts";
import { pulumiPolicies } from "./framework/pulumi.ts";
import { stackSettings } from "./stack-settings.ts";

// Serves the policies to the engine that started this process, and told it the stack. What the engine is given by
// --policy-pack-config goes before what the stack's own file says.
new PolicyPack(
  "attic",
  { policies: pulumiPolicies(policies) },
  stackSettings(policies, process.env.PULUMI_NODEJS_STACK),
);

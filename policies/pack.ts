import { PolicyPack } from "@pulumi/policy";
import { policies } from "./all.ts";
import { initialSettings, pulumiPolicies } from "./framework/pulumi.ts";
import { stackSettings } from "./stack-settings.ts";

// The engine that started this process tells it the stack. What it is given by --policy-pack-config goes before what
// the stack's own file says.
const settings = stackSettings(policies, process.env.PULUMI_NODEJS_STACK);
new PolicyPack("attic", { policies: pulumiPolicies(policies) }, initialSettings(policies, settings));

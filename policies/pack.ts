import { PolicyPack } from "@pulumi/policy";
import { policies } from "./all.ts";
import { pulumiPolicies } from "./framework/pulumi.ts";

// Serves the policies to the engine that started this process.
new PolicyPack("attic", { policies: pulumiPolicies(policies) });

import type {
  PolicyConfigSchema,
  PolicyPackConfig,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { UnknownValueError } from "@pulumi/policy";
import { type Configured, configure, type PackConfig, settle } from "./config.ts";
import { message } from "./message.ts";
import type { Policy, ResourcePolicy, StackPolicy } from "./policy.ts";
import { Reader } from "./reader.ts";
import { reviewResource, reviewStack } from "./review.ts";
import { except, type Setting } from "./settings.ts";
import { exceptionKey, kindOf, subject } from "./subject.ts";

type PulumiPolicy = ResourceValidationPolicy | (StackValidationPolicy & ResourceValidationPolicy);

/** Policies in the form of @pulumi/policy, one for each. */
export const pulumiPolicies = (policies: readonly Policy[]): PulumiPolicy[] => {
  const reader = new Reader();
  return policies.map((policy) =>
    policy.scope === "resource" ? forResources(policy, reader) : forStacks(policy, reader),
  );
};

/**
 * What a stack says, in the form of @pulumi/policy: every policy with its level, also where the stack says nothing of
 * it, because settings without a level would make a policy advisory.
 */
export const initialSettings = (policies: readonly Policy[], config: PackConfig): PolicyPackConfig =>
  Object.fromEntries(
    configure(policies, config).map(({ policy, level, settings, except }) => [
      policy.name,
      { enforcementLevel: level, ...settings, except },
    ]),
  );

function forResources(policy: ResourcePolicy, reader: Reader): PulumiPolicy {
  return {
    ...common(policy),
    validateResource: (args, report) => {
      const about = reader.resource(args);
      const { findings } = reviewResource(configured(policy, args.getConfig()), about);
      for (const finding of findings) report(message(finding));
    },
    ...(policy.remediate && { remediateResource: (args) => remediated(policy, args) }),
  };
}

/**
 * The engine hands a stack policy what providers made of the resources, defaults and all. What is to be judged is
 * what the program asked for, which it hands over resource by resource before; hence the first function.
 */
function forStacks(policy: StackPolicy, reader: Reader): PulumiPolicy {
  return {
    ...common(policy),
    validateResource: (args) => void reader.resource(args),
    validateStack: ({ resources, getConfig }, report) => {
      const { findings } = reviewStack(configured(policy, getConfig()), reader.stack(resources));
      for (const finding of findings) report(message(finding), finding.urn || undefined);
    },
  };
}

/** The engine's properties put right in place, so that secrets stay secret and unknown values unknown. */
function remediated(
  policy: ResourcePolicy,
  args: ResourceValidationArgs,
): Record<string, unknown> | undefined {
  if (policy.kinds?.includes(kindOf(args.type)) === false) return undefined;
  const { settings, except } = settle(policy, args.getConfig());
  const { urn, type, name, props } = args;
  const about = subject({ urn, type, name, properties: props });
  if (exceptionKey(about) in except) return undefined;
  try {
    return policy.remediate?.(about, settings) ? props : undefined;
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

const configured = (policy: Policy, given: Record<string, unknown>): Configured => ({
  policy,
  // The engine knows the level, and leaves out what is disabled.
  level: policy.level,
  ...settle(policy, given),
});

function common({ name, description, level, settings }: Policy) {
  const properties = Object.entries<Setting<unknown>>({ ...settings, except }).map(([key, { schema }]) => [
    key,
    schema,
  ]);
  const configSchema = { properties: Object.fromEntries(properties) } as PolicyConfigSchema;
  return { name, description, enforcementLevel: level, configSchema };
}

import {
  type PolicyConfigSchema,
  type PolicyResource,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { type Configured, settle } from "./config.ts";
import { message } from "./message.ts";
import type { Policy, ResourcePolicy, StackPolicy } from "./policy.ts";
import { reviewResource, reviewStack } from "./review.ts";
import { secretPaths, watchSecrets } from "./secret-paths.ts";
import { except, type Setting } from "./settings.ts";
import { exceptionKey, kindOf, STACK_TYPE, type Stack, type Subject, subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";

type PulumiPolicy = ResourceValidationPolicy | (StackValidationPolicy & ResourceValidationPolicy);

/** Policies in the form of @pulumi/policy. */
export const pulumiPolicies = (policies: readonly Policy[]): PulumiPolicy[] => {
  watchSecrets();
  const inputs = new Inputs();
  return policies.map((policy) =>
    policy.scope === "resource" ? forResources(policy) : forStacks(policy, inputs),
  );
};

function forResources(policy: ResourcePolicy): PulumiPolicy {
  return {
    ...common(policy),
    validateResource: (args, report) => {
      if (policy.kinds?.includes(kindOf(args.type)) === false) return;
      const { findings } = reviewResource(configured(policy, args.getConfig()), subjectOf(args));
      for (const finding of findings) report(message(finding));
    },
    ...(policy.remediate && { remediateResource: (args) => remediated(policy, args) }),
  };
}

/** The engine's properties put right in place, so that secrets stay secret and unknown values unknown. */
function remediated(
  policy: ResourcePolicy,
  args: ResourceValidationArgs,
): Record<string, unknown> | undefined {
  const { settings, except } = settle(policy, args.getConfig());
  const { urn, type, name, props } = args;
  const about = subject({ urn, type, name, properties: props });
  if (policy.kinds?.includes(about.kind) === false || exceptionKey(about) in except) return undefined;
  try {
    return policy.remediate?.(about, settings) ? props : undefined;
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/**
 * The engine hands a stack policy what providers made of the resources, defaults and all. What is to be judged is
 * what the program asked for, which it hands over resource by resource before.
 */
function forStacks(policy: StackPolicy, inputs: Inputs): PulumiPolicy {
  return {
    ...common(policy),
    validateResource: (args) => inputs.remember(args),
    validateStack: ({ resources, getConfig }, report) => {
      const { findings } = reviewStack(configured(policy, getConfig()), inputs.stack(resources));
      for (const finding of findings) report(message(finding), finding.urn || undefined);
    },
  };
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

/** What the program asked for, by URN. */
class Inputs {
  readonly #seen = new Map<string, () => Record<string, unknown>>();

  remember({ urn, props }: ResourceValidationArgs): void {
    let read: Record<string, unknown> | undefined;
    this.#seen.set(urn, () => {
      read ??= plain(props) as Record<string, unknown>;
      return read;
    });
  }

  stack(resources: PolicyResource[]): Stack {
    return { resources: resources.map((resource) => this.#subject(resource)) };
  }

  #subject({ urn, type, name, props, opts, parent, dependencies }: PolicyResource): Subject {
    // Of the stack itself, what it gives out is what matters.
    const asked = type === STACK_TYPE ? undefined : this.#seen.get(urn);
    return subject({
      urn,
      type,
      name,
      properties: asked?.() ?? (plain(props) as Record<string, unknown>),
      protect: opts.protect,
      deleteBeforeReplace: opts.deleteBeforeReplace,
      parent: parent?.urn,
      dependencies: dependencies.map((other) => other.urn),
      secrets: asked ? undefined : secretPaths(props),
    });
  }
}

function subjectOf({ urn, type, name, props, opts }: ResourceValidationArgs): Subject {
  return subject({
    urn,
    type,
    name,
    properties: plain(props) as Record<string, unknown>,
    protect: opts.protect,
    deleteBeforeReplace: opts.deleteBeforeReplace,
    parent: opts.parent,
    secrets: secretPaths(props),
  });
}

/** A value of the engine with a mark for what is not known, instead of an exception for whoever reads it. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const read = (key: string) => {
    try {
      return plain((value as Record<string, unknown>)[key]);
    } catch (error) {
      if (error instanceof UnknownValueError) return UNKNOWN;
      throw error;
    }
  };
  const entries = Object.keys(value).map((key) => [key, read(key)] as const);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

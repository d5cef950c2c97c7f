import { type Level, levels, type Policy } from "./policy.ts";
import { except, type Settings } from "./settings.ts";

/**
 * What a stack says about policies, in the form of the engine's `--policy-pack-config`: a level, or a level and
 * settings, by the policy's name; `all` sets the level of those that are not named.
 */
export type PackConfig = Record<string, Level | PolicyConfig>;

/** The same about one policy. */
export interface PolicyConfig {
  enforcementLevel?: Level;
  [setting: string]: unknown;
}

/** A policy as a stack has it. */
export interface Configured {
  policy: Policy;
  level: Level;
  /** Its settings, with defaults. */
  settings: Record<string, unknown>;
  /** Resources that it leaves alone, with the reason. */
  except: Record<string, string>;
}

/**
 * Policies with what a stack says about them. The engine itself takes no notice of a misspelt name.
 * @throws Error that lists every policy, level and setting that does not exist or has the wrong type
 */
export function configure(policies: readonly Policy[], config: PackConfig = {}): Configured[] {
  const mistakes = [...mistakesIn(policies, config)];
  if (mistakes.length > 0) {
    throw new Error(
      `the configuration of the policies is wrong:\n${mistakes.map((m) => `  ${m}`).join("\n")}`,
    );
  }
  const all = parse(config.all).enforcementLevel;
  return policies.map((policy) => {
    const { enforcementLevel, ...given } = parse(config[policy.name]);
    return { policy, level: enforcementLevel ?? all ?? policy.level, ...settle(policy, given) };
  });
}

/** Given settings over the defaults. */
export function settle(
  policy: Policy,
  given: Record<string, unknown>,
): Pick<Configured, "settings" | "except"> {
  const { except: excepted = {}, ...own } = given;
  const defaults = Object.entries((policy.settings ?? {}) as Settings).map(([key, setting]) => [
    key,
    setting.default,
  ]);
  return {
    settings: { ...Object.fromEntries(defaults), ...own },
    except: excepted as Record<string, string>,
  };
}

const parse = (config: Level | PolicyConfig | undefined): PolicyConfig =>
  typeof config === "string" ? { enforcementLevel: config } : (config ?? {});

function* mistakesIn(policies: readonly Policy[], config: PackConfig): Generator<string> {
  for (const [name, value] of Object.entries(config)) {
    const policy = policies.find((each) => each.name === name);
    if (name !== "all" && !policy) {
      yield `${name} is no policy`;
      continue;
    }
    const { enforcementLevel, ...given } = parse(value);
    if (enforcementLevel !== undefined && !levels.includes(enforcementLevel)) {
      yield `${name}: ${JSON.stringify(enforcementLevel)} is no level; there are ${levels.join(", ")}`;
    }
    const settings: Settings = policy ? { ...policy.settings, except } : {};
    for (const [key, found] of Object.entries(given)) {
      const schema = settings[key]?.schema;
      if (!schema) {
        yield `${name}.${key} is no setting; there are ${Object.keys(settings).join(", ") || "none"}`;
      } else if (!fits(schema.type, found)) {
        yield `${name}.${key} must be of type ${schema.type}, found ${JSON.stringify(found)}`;
      }
    }
    yield* mistakesInExceptions(name, given.except);
  }
}

/** What is wrong with the exceptions of a policy or a rule, a sentence each. */
export function* mistakesInExceptions(name: string, excepted: unknown = {}): Generator<string> {
  for (const [resource, reason] of Object.entries(excepted as Record<string, unknown>)) {
    if (typeof reason !== "string" || reason.length < 10) {
      yield `${name}.except.${resource} needs the reason, in ten letters at least`;
    }
  }
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

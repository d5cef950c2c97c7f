import { existsSync, readFileSync } from "node:fs";
import { configure, mistakesInExceptions, type PackConfig } from "./framework/config.ts";
import type { Policy } from "./framework/policy.ts";
import { type Exceptions, planRules } from "./plan.ts";

const FOLDER = new URL("./config/", import.meta.url);

/**
 * What a stack says about the policies, in `config/<stack>.json`; nothing where there is no such file, so that a new
 * stack meets all of them as they are.
 * @param stack name of the stack; undefined where no stack is known
 * @throws Error that names the file and every mistake in it
 */
export function stackSettings(policies: readonly Policy[], stack: string | undefined): PackConfig {
  return read(stack, (all) => {
    const settings = Object.fromEntries(Object.entries(all).filter(([name]) => !isPlanRule(name)));
    configure(policies, settings);
    return settings;
  });
}

/**
 * What a stack excepts from the rules over plans, in the same file.
 * @throws Error that names the file and every mistake in it
 */
export const planExceptions = (stack: string | undefined): Exceptions => read(stack, exceptionsIn);

/**
 * What settings except from the rules over plans, which have no other setting.
 * @throws Error with every mistake, a line each
 */
export function exceptionsIn(settings: PackConfig): Exceptions {
  const rules = Object.entries(settings)
    .filter(([name]) => isPlanRule(name))
    .map(([name, value]) => {
      const { except = {}, ...others } = typeof value === "string" ? { enforcementLevel: value } : value;
      const unknown = Object.keys(others).map((key) => `${name}.${key} is no setting; there is except`);
      return { name, except, mistakes: [...unknown, ...mistakesInExceptions(name, except)] };
    });
  const mistakes = rules.flatMap((rule) => rule.mistakes);
  if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
  return Object.fromEntries(rules.map(({ name, except }) => [name, except]));
}

const isPlanRule = (name: string): boolean => Object.hasOwn(planRules, name);

function read<T>(stack: string | undefined, use: (all: PackConfig) => T): T {
  if (stack === undefined || !/^[\w.-]+$/.test(stack)) return use({});
  const file = new URL(`${stack}.json`, FOLDER);
  if (!existsSync(file)) return use({});
  try {
    return use(JSON.parse(readFileSync(file, "utf8")) as PackConfig);
  } catch (error) {
    throw new Error(`policies/config/${stack}.json: ${(error as Error).message}`);
  }
}

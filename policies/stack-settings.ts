import { existsSync, readFileSync } from "node:fs";
import { configure, type PackConfig } from "./framework/config.ts";
import type { Policy } from "./framework/policy.ts";

const FOLDER = new URL("./config/", import.meta.url);

/**
 * What a stack says about the policies, in `config/<stack>.json`; nothing where there is no such file, so that a new
 * stack meets all of them as they are.
 * @param stack name of the stack; undefined where no stack is known
 * @throws Error that names the file and every mistake in it
 */
export function stackSettings(policies: readonly Policy[], stack: string | undefined): PackConfig {
  if (stack === undefined || !/^[\w.-]+$/.test(stack)) return {};
  const file = new URL(`${stack}.json`, FOLDER);
  if (!existsSync(file)) return {};
  try {
    const settings = JSON.parse(readFileSync(file, "utf8")) as PackConfig;
    configure(policies, settings);
    return settings;
  } catch (error) {
    throw new Error(`policies/config/${stack}.json: ${(error as Error).message}`);
  }
}

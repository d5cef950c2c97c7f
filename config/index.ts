import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "./errors.ts";
import { loadStackConfig, type RawConfig } from "./load.ts";
import type { StackConfig } from "./resolve.ts";
import { readStackFile, stackNames } from "./stack-file.ts";

export type { StackConfig } from "./resolve.ts";

/** Left out of Pulumi's types, although it is how its own Config class tells. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/**
 * The configuration of the stack that the program runs for.
 * @throws {pulumi.RunError} that lists every mistake in it; Pulumi shows its text alone, without a stack trace
 */
export function stackConfig(): StackConfig {
  const values = pulumi.runtime.allConfig() as Record<string, string>;
  const secretKeys = Object.keys(values).filter(isConfigSecret);
  const stack = pulumi.getStack();
  try {
    return loadStackConfig({ values, secretKeys, ...inFile(stack) }, `Pulumi.${stack}.yaml`);
  } catch (error) {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  }
}

/** What the stack's file alone tells. Pulumi runs the program beside it, unless it was given another one. */
function inFile(stack: string): Pick<RawConfig, "plainSecrets"> {
  const folder = process.cwd();
  return stackNames(folder).includes(stack)
    ? { plainSecrets: readStackFile(folder, stack).plainSecrets }
    : {};
}

import { existsSync } from "node:fs";
import path from "node:path";
import { EngineError } from "./errors.ts";

/**
 * Checks a policy pack's folder before the engine does, in fewer words.
 *
 * @returns its absolute path
 * @throws EngineError of kind `setup`
 */
export function checkPolicyPack(directory: string): string {
  const absolute = path.resolve(directory);
  if (!existsSync(path.join(absolute, "PulumiPolicy.yaml"))) {
    throw new EngineError("setup", `${directory} is not a policy pack: it has no PulumiPolicy.yaml`);
  }
  if (!existsSync(path.join(absolute, "package.json"))) {
    throw new EngineError("setup", `${directory} is not a policy pack: it has no package.json`, {
      hint: "the pack's version and main file are read from it",
    });
  }
  return absolute;
}

import { chmodSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "./errors.ts";

const ANALYZER = fileURLToPath(new URL("policy-analyzer.ts", import.meta.url));

/** Older engines ask for the first name, newer ones for the second. */
const NAMES = ["pulumi-analyzer-policy", "pulumi-analyzer-policy-nodejs"];

/**
 * Puts the program that serves policy packs where the engine looks for it.
 *
 * The one that comes with the engine compiles packs with `ts-node`, which TypeScript 7 no longer supports;
 * ours lets Node strip the types, as it does for the Pulumi program itself.
 *
 * @param binDir a directory on the engine's PATH
 */
export function installPolicyAnalyzer(binDir: string): void {
  const script = `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${ANALYZER}" "$@"\n`;
  for (const name of NAMES) {
    const file = path.join(binDir, name);
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }
}

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

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export interface Version {
  parts: [number, number, number];
  text: string;
}

/** Reads "v3.210.0", "3.210.0-alpha.1" and the like; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?((\d+)\.(\d+)\.(\d+)\S*)$/.exec(text);
  if (!match?.[1]) {
    return undefined;
  }
  return { parts: [Number(match[2]), Number(match[3]), Number(match[4])], text: match[1] };
}

/** Compares by major, minor and patch; pre-release marks do not count. */
export function isOlder(version: Version, minimum: string): boolean {
  const least = parseVersion(minimum);
  if (!least) {
    throw new Error(`not a version: ${minimum}`);
  }
  for (const [index, part] of version.parts.entries()) {
    const other = least.parts[index] ?? 0;
    if (part !== other) {
      return part < other;
    }
  }
  return false;
}

/**
 * The version of an installed Pulumi SDK package, which is also the version of its provider plugin.
 *
 * @param name the last part of the package's name: "kubernetes" for `@pulumi/kubernetes`
 */
export function sdkVersion(name: string): string {
  const require = createRequire(import.meta.url);
  const file = require.resolve(`@pulumi/${name}/package.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** The version of the engine that a go.mod pins. */
export function pinnedVersion(goMod: string): string {
  const match = /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(goMod);
  if (!match?.[1]) {
    throw new Error("github.com/pulumi/pulumi/pkg/v3 is not required by embedded/engine/go.mod");
  }
  return match[1];
}

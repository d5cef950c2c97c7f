import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolchainError } from "../toolchain/errors.ts";
import { buildGo, type ProgressListener } from "../toolchain/index.ts";

/** The Go module of the operator: its program, its manifest and its definitions. */
export const operatorModule = "github.com/cloudnative-pg/cloudnative-pg";

/** The directory whose go.mod pins the operator. */
export const moduleDir = import.meta.dirname;

/** The programs that run here, as paths. */
export interface Binaries {
  /** The operator, unchanged. */
  readonly operator: string;
  /** Ours: runs the operator, and stands in for the kubelet and for the instance managers. */
  readonly standIn: string;
}

/** The version of the operator that go.mod pins, like "1.29.0". */
export function operatorVersion(goMod: string = readFileSync(join(moduleDir, "go.mod"), "utf8")): string {
  const version = new RegExp(`^\\s*${operatorModule} v(\\d+\\.\\d+\\.\\d+)\\b`, "m").exec(goMod)?.[1];
  if (version === undefined)
    throw new Error(`${moduleDir}/go.mod does not name a version of ${operatorModule}.`);
  return version;
}

/**
 * The operator and its stand-in, built if they have to be: the first time about 3 minutes on two cores.
 *
 * @throws ToolchainError when this machine cannot build or run them
 */
export async function operatorBinaries(progress?: ProgressListener): Promise<Binaries> {
  if (process.platform !== "linux") {
    throw new ToolchainError(
      `The CloudNativePG operator runs here on Linux only; this is ${process.platform}.`,
      "Use a Linux machine, virtual machine or container, or go on without the operators.",
    );
  }
  const shared = { ldflags: "-s -w", progress };
  const operator = await buildGo({
    ...shared,
    name: "cloudnative-pg",
    moduleDir,
    pkg: `${operatorModule}/cmd/manager`,
    expectedMinutes: 3,
    neededMiB: 1500,
  });
  // A module of its own, so that a change of it does not build the operator anew.
  const standIn = await buildGo({
    ...shared,
    name: "cnpg-stand-in",
    moduleDir: join(moduleDir, "stand-in"),
    pkg: ".",
    expectedMinutes: 0.5,
    neededMiB: 200,
  });
  return { operator, standIn };
}

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { OutputValue } from "../engine/engine.ts";
import type { ProviderChoice } from "../engine/providers.ts";
import type { LocalPaths } from "./paths.ts";

/** What `status` cannot ask the cluster: kept from the last `up` that succeeded. */
export interface LastUp {
  outputs: Record<string, OutputValue>;
  providers: ProviderChoice[];
}

/** Keeps it; secrets must be masked already. */
export function writeLastUp(paths: LocalPaths, last: LastUp): void {
  writeFileSync(fileOf(paths), `${JSON.stringify(last, null, 2)}\n`, { mode: 0o600 });
}

/** Reads it; empty when no `up` has succeeded since the last `down`. */
export function readLastUp(paths: LocalPaths): LastUp {
  try {
    return JSON.parse(readFileSync(fileOf(paths), "utf8")) as LastUp;
  } catch {
    return { outputs: {}, providers: [] };
  }
}

/** Forgets it. */
export function removeLastUp(paths: LocalPaths): void {
  rmSync(fileOf(paths), { force: true });
}

function fileOf(paths: LocalPaths): string {
  return path.join(paths.root, "last-up.json");
}

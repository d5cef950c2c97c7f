import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { LocalPaths } from "./paths.ts";

// Whether the real database operator belongs to the local stack. It is asked for once, by `--operators`, and then
// part of every run until `down`: a run without it would take the database from it.

const marker = (paths: LocalPaths) => path.join(paths.root, "operators");

/** Makes the operator part of the stack. */
export function wantOperators(paths: LocalPaths): void {
  writeFileSync(marker(paths), "");
}

export function operatorsWanted(paths: LocalPaths): boolean {
  return existsSync(marker(paths));
}

export function forgetOperators(paths: LocalPaths): void {
  rmSync(marker(paths), { force: true });
}

/**
 * What the stack is told beside its stack file: with an operator, its database becomes ready and is waited for. The
 * backup plugin is not there, and a database that names it would wait for it for ever.
 */
export function operatorSettings(paths: LocalPaths): Record<string, unknown> {
  if (!operatorsWanted(paths)) return {};
  return {
    "attic:database.cloudNativePg.awaitReady": true,
    "attic:database.cloudNativePg.backup.enabled": false,
  };
}

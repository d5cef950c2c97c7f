import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { loadStackConfig } from "../../../config/load.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { replaceKnown } from "../../replace-file.ts";
import type { OpenedStack } from "../../stack.ts";
import { type RestoreEntry, writeRestore } from "./restore-edit.ts";

/** The change of a stack's file that a restore needs. */
export interface FileEdit {
  before: string;
  after: string;
}

/**
 * What the file would say.
 * @throws ConfigError with what the restore would make wrong
 * @throws CliError when it cannot be written by machine
 */
export function fileEdit({ file, raw }: OpenedStack, entry: RestoreEntry): FileEdit {
  const before = readFileSync(file, "utf8");
  const after = writeRestore(before, entry);
  const { config } = parse(after) as { config: Record<string, unknown> };
  const values = { ...raw.values, "attic:database": JSON.stringify(config["attic:database"]) };
  loadStackConfig({ ...raw, values }, `${basename(file)} with the restore`);
  return { before, after };
}

/**
 * Writes it.
 * @throws CliError when somebody else changed the file since it was read, which is left as it is then
 */
export function writeEdit({ file }: OpenedStack, { before, after }: FileEdit): void {
  if (replaceKnown(file, before, after)) return;
  throw new CliError(
    EXIT.failed,
    `${basename(file)} was changed by somebody else since it was read, and is left as it is; nothing was done`,
    "look at it, and run the same command again",
  );
}

/** The change, as a unified difference. */
export async function editLines({ file }: OpenedStack, { before, after }: FileEdit): Promise<string[]> {
  if (before === after) return [];
  const { createTwoFilesPatch } = await import("diff");
  const name = basename(file);
  return createTwoFilesPatch(name, name, before, after, "", "", { context: 2 })
    .trimEnd()
    .split("\n")
    .slice(1);
}

import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { remove, setText } from "../../yaml-edit/keys.ts";

/** `restore` as the stack's file takes it. */
export interface RestoreEntry {
  from: string;
  serverName: string;
  targetTime?: string;
  targetName?: string;
  backupId?: string;
}

const fields = ["from", "serverName", "targetTime", "targetName", "backupId"] as const;
const at = ["config", "attic:database", "cloudNativePg"];

/**
 * Writes a restore into the text of a Pulumi.<stack>.yaml, in the place of one that is there, and takes out
 * `backup.serverName`, whose part it has. Comments and the rest of the text stay.
 * @throws CliError with what to write by hand, when the file says it in a way that nothing can be put into
 */
export function writeRestore(text: string, entry: RestoreEntry): string {
  let edited: string | undefined = remove(text, [...at, "backup", "serverName"]);
  for (const field of fields) {
    const value = entry[field];
    const path = [...at, "restore", field];
    if (edited === undefined) break;
    edited = value === undefined ? remove(edited, path) : setText(edited, path, value);
  }
  if (edited === undefined || !says(text, edited, entry)) {
    const lines = fields.flatMap((field) =>
      entry[field] === undefined ? [] : [`        ${field}: ${JSON.stringify(entry[field])}`],
    );
    throw new CliError(
      EXIT.failed,
      "attic:database is written in a way that nothing can be put into by machine; the file is as it was",
      [
        "write this by hand, in place of any restore that is there, take out backup.serverName, and run the command again:",
        "config:",
        "  attic:database:",
        "    cloudNativePg:",
        "      restore:",
        ...lines,
      ].join("\n"),
    );
  }
  return edited;
}

/** Whether the restore is all that the second text says other than the first. */
function says(before: string, after: string, entry: RestoreEntry): boolean {
  const document = parseDocument(after);
  if (document.errors.length > 0) return false;
  type Database = { cloudNativePg?: { backup?: Record<string, unknown>; restore?: unknown } };
  const read = (text: string) =>
    parseDocument(text).toJS() as { config: Record<string, Database | null | undefined> };
  const [old, now] = [read(before), read(after)];
  const key = "attic:database";
  const rest = ({ config }: typeof old) => {
    const { cloudNativePg, ...others } = config[key] ?? {};
    const { backup, restore: _, ...cluster } = cloudNativePg ?? {};
    const { serverName: __, ...kept } = backup ?? {};
    return { ...config, [key]: { ...others, cluster, backup: kept } };
  };
  const written = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
  const found = now.config[key]?.cloudNativePg;
  return (
    isDeepStrictEqual(found?.restore, written) &&
    found?.backup?.serverName === undefined &&
    isDeepStrictEqual(rest(now), rest(old))
  );
}

import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { LivePaths } from "../../paths.ts";
import { folder } from "./place.ts";

/** The only keys of the object store. They may do everything. */
export interface AccessKeys {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * The keys of this root's object store, made up the first time. They are in a file for its owner alone, and reach
 * processes in their environment, never as arguments.
 */
export async function objectStoreKeys(paths: LivePaths): Promise<AccessKeys> {
  const { keys } = folder(paths);
  await mkdir(dirname(keys), { recursive: true, mode: 0o700 });
  const made: AccessKeys = {
    accessKeyId: `LIVE${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  try {
    await writeFile(keys, JSON.stringify(made), { mode: 0o600, flag: "wx" });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return JSON.parse(await readFile(keys, "utf8")) as AccessKeys;
  }
}

import { spawnSync } from "node:child_process";

/** What Git answers in a folder; undefined where it fails: no repository, no such revision, no Git. */
export function git(folder: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  return status === 0 ? stdout : undefined;
}

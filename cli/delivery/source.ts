import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { git } from "../../review/git.ts";

/** What an update is made from. */
export interface Source {
  /** The commit that is checked out; null outside of Git. */
  commit: string | null;
  /** Tracked files that differ from the commit, from the project's folder. */
  changed: string[];
  /** Digest of what the stack's file says; see {@link stackFileDigest}. */
  stackFileDigest: string;
}

/** The source of an update, as it lies in the project's folder now. */
export function sourceOf(folder: string, stackFile: string, env: NodeJS.ProcessEnv): Source {
  const commit = git(folder, "rev-parse", "HEAD")?.trim() || env.CI_COMMIT_SHA || null;
  const changed = git(folder, "diff", "--name-only", "--relative", "HEAD") ?? "";
  return {
    commit,
    changed: changed.split("\n").filter(Boolean),
    stackFileDigest: stackFileDigest(readFileSync(stackFile, "utf8")),
  };
}

/** Pulumi adds these to a stack's file by itself; they say nothing about what is deployed. */
const encryption = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/** Digest of what a stack's file says: comments and layout aside, and how its secrets are encrypted. */
export function stackFileDigest(text: string): string {
  const said = { ...(parse(text) as Record<string, unknown> | null) };
  for (const key of encryption) delete said[key];
  return digestOf(said);
}

/** Digest of a JSON value, whatever the order of its keys. */
export function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, child: unknown) =>
    typeof child === "object" && child !== null && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
  return `sha256:${createHash("sha256")
    .update(text ?? "null")
    .digest("hex")}`;
}

import { existsSync, readdirSync } from "node:fs";

const FOLDER = new URL("../docs/runbooks/", import.meta.url);

/** The alerts that have a page in docs/runbooks, as the folder is when the pack is loaded. */
export function runbooks(): ReadonlySet<string> {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return new Set(files.filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -".md".length)));
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Lists what an earlier rendering wrote, so that the next one removes what is gone, and nothing else. */
const index = ".rendered";

/**
 * Writes files below a folder and removes those of an earlier rendering that are not among them. Files that a
 * person put there are left alone.
 */
export function write(folder: string, files: ReadonlyMap<string, string>): void {
  const list = join(folder, index);
  const earlier = existsSync(list) ? readFileSync(list, "utf8").split("\n").filter(Boolean) : [];
  for (const path of earlier) if (!files.has(path)) rmSync(join(folder, path), { force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(list, `${[...files.keys()].join("\n")}\n`);
}

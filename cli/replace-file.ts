import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Replaces what a file holds, all at once: whoever reads it sees the old text or the new one, and so does the disk
 * after a power failure. Its mode stays, and a link to it stays a link.
 */
export function replaceFile(path: string, text: string): void {
  const target = realpathSync(path);
  const made = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    const file = openSync(made, "wx", statSync(target).mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(made, target);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}

/**
 * The same, unless somebody else wrote the file meanwhile: it is left as it is then.
 * @param known what was read from it, or written to it, last
 * @returns whether it holds the text now
 */
export function replaceKnown(path: string, known: string, text: string): boolean {
  if (!existsSync(path) || readFileSync(path, "utf8") !== known) return false;
  replaceFile(path, text);
  return true;
}

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";

/** How many binaries of one name are kept: this one and those of two other states of the source. */
const kept = 3;

/** This project's directory in the person's cache: `$XDG_CACHE_HOME` or `~/.cache`, `/attic-pulumi`. */
export function cacheDirectory(...below: string[]): string {
  const xdg = process.env.XDG_CACHE_HOME;
  return join(xdg?.startsWith("/") ? xdg : join(homedir(), ".cache"), "attic-pulumi", ...below);
}

/** Makes a directory for this person alone, and those above it, unless they are there. */
export async function ensureDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** What a binary is made from besides the files of its module. */
export interface BuildInputs {
  readonly pkg: string;
  readonly flags: readonly string[];
  readonly goVersion: string;
  readonly os: string;
  readonly arch: string;
}

/**
 * The sha256, in hex, of all a binary is made from: go.mod, go.sum, every .go file but tests, the
 * flags, and the compiler. The modules it depends on are in it through go.sum. Files of modules inside
 * this one are not.
 */
export async function cacheKey(moduleDir: string, inputs: BuildInputs): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([inputs.pkg, inputs.flags, inputs.goVersion, inputs.os, inputs.arch]));
  for (const file of await sourceFiles(moduleDir)) {
    const content = await readFile(file);
    // With lengths, no two different sets of files run together to the same bytes.
    hash.update(`\n${relative(moduleDir, file)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

async function sourceFiles(moduleDir: string): Promise<string[]> {
  const found = ["go.mod", "go.sum"].map((name) => join(moduleDir, name));
  const walk = async (dir: string): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true });
    if (dir !== moduleDir && entries.some((entry) => entry.name === "go.mod")) return;
    for (const entry of entries) {
      const path = join(dir, entry.name);
      // `go` itself passes over these names.
      if (/^[._]/.test(entry.name) || entry.name === "testdata" || entry.name === "node_modules") continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.name.endsWith(".go") && !entry.name.endsWith("_test.go")) found.push(path);
    }
  };
  await walk(moduleDir);
  return found.sort();
}

/** Whether the binary is there; if so it counts as used now, which keeps it from being removed. */
export async function touchBinary(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

/** Removes all but the three last used binaries of a name, and what broken-off builds of it left. */
export async function pruneBinaries(directory: string, name: string): Promise<void> {
  const entries = await readdir(directory);
  await Promise.all(
    entries
      .filter((entry) => entry.startsWith(`${name}-`) && entry.endsWith(".part"))
      .map((entry) => rm(join(directory, entry), { force: true })),
  );
  const isBinary = (entry: string) =>
    entry.startsWith(`${name}-`) && /^[0-9a-f]{64}$/.test(entry.slice(name.length + 1));
  const used = await Promise.all(
    entries.filter(isBinary).map(async (entry) => ({
      path: join(directory, entry),
      time: (await stat(join(directory, entry))).mtimeMs,
    })),
  );
  used.sort((a, b) => b.time - a.time);
  await Promise.all(used.slice(kept).map(({ path }) => rm(path, { force: true })));
}

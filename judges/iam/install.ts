import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, ensureDirectory } from "../../embedded/toolchain/index.ts";
import { runJudge } from "../run.ts";

/** What the program is made of, beside the packages that the lock file names. */
const sources = ["package.json", "package-lock.json", "decide.mjs"];

/**
 * The path of the program that decides requests by IAM policies, installed if it has to be. Its packages are kept in
 * the person's cache, not among the project's own: they are under another licence, the AGPL, and nothing of the
 * project is linked with them.
 *
 * @throws Error with npm's complaint when the packages cannot be had
 */
export async function iamProgram(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of sources) hash.update(await readFile(join(import.meta.dirname, file)));
  const installed = cacheDirectory("judges", `iam-${hash.digest("hex").slice(0, 16)}`);
  if (!(await stat(installed).catch(() => undefined))) await install(installed);
  return join(installed, "decide.mjs");
}

async function install(installed: string): Promise<void> {
  const part = await mkdtemp(join(await ensureDirectory(cacheDirectory("judges")), ".part-"));
  try {
    for (const file of sources) await cp(join(import.meta.dirname, file), join(part, file));
    await runJudge("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: part });
    await rename(part, installed).catch((error: NodeJS.ErrnoException) => {
      // Another run installed the very same thing first.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeOf } from "../addresses.ts";
import type { Packages } from "../packages.ts";
import type { LivePaths } from "../paths.ts";
import { run } from "../run.ts";
import { nodeNamespaces } from "./index.ts";

/**
 * Gives a node that runs the images that it does not have: those made since it was started first, or while it was away.
 * @throws Error in containerd's words
 */
export async function importImages(paths: LivePaths, programs: Packages, number: number): Promise<void> {
  const imported = join(paths.node(nodeOf(number).name), "imported");
  await mkdir(imported, { recursive: true });
  for (const archive of await readdir(paths.images)) {
    if (!archive.endsWith(".tar") || existsSync(join(imported, archive))) continue;
    await importArchive(paths, programs, number, join(paths.images, archive));
    await writeFile(join(imported, archive), "");
  }
}

/** Gives a node that runs one image. */
export async function importArchive(
  paths: LivePaths,
  programs: Packages,
  number: number,
  archive: string,
): Promise<void> {
  const { name } = nodeOf(number);
  const node = await nodeNamespaces(paths, nodeOf(number));
  if (!node) throw new Error(`node ${name} is not there`);
  const env = { PATH: `${programs.path}:${process.env.PATH}`, LD_LIBRARY_PATH: programs.libraries };
  const command = ["ctr", "--namespace=k8s.io", "images", "import", archive];
  await run("nsenter", [`--target=${node.pid}`, "--mount", "--", ...command], { env });
}

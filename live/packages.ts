import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, ensureDirectory, ToolchainError } from "../embedded/toolchain/index.ts";
import { run } from "./run.ts";

/** What nodes need of the distribution, beside what is on any machine. */
const nodePackages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "nftables",
  "libnftables1",
  "libnftnl11",
  "xfsprogs",
  "libinih1",
  "liburcu8",
];

/** The programs of the packages. */
export interface Packages {
  /** Folders for PATH: containerd, ctr, runc, nft, mkfs.xfs. */
  path: string;
  /** The folder of the libraries that came with them, for LD_LIBRARY_PATH. */
  libraries: string;
  /** The folder of the CNI plugins. */
  cniPlugins: string;
}

/**
 * The distribution's own packages, unpacked into the person's cache. Nothing is installed: no service starts, and no
 * file of the machine changes.
 * @throws ToolchainError in apt's words when it cannot serve them
 */
export async function nodePackagesUnpacked(): Promise<Packages> {
  const root = await unpacked("node", nodePackages);
  return {
    path: ["usr/bin", "usr/sbin", "sbin"].map((folder) => join(root, folder)).join(":"),
    libraries: join(root, "usr/lib/x86_64-linux-gnu"),
    cniPlugins: join(root, "usr/lib/cni"),
  };
}

/** Unpacks the versions of packages that apt would install now, unless they are there. */
export const unpacked = (name: string, packages: readonly string[]): Promise<string> =>
  kept(name, packages, (archive, root) => run("dpkg-deb", ["--extract", archive, root]));

/**
 * A folder of the person's cache with packages in the versions that apt would install now, made unless it is there.
 * @param unpack puts one package's archive into the folder
 * @param prepare what the folder has before the first
 */
export async function kept(
  name: string,
  packages: readonly string[],
  unpack: (archive: string, root: string) => Promise<unknown>,
  prepare: (root: string) => Promise<void> = async () => {},
): Promise<string> {
  const cache = await ensureDirectory(cacheDirectory("debian"));
  const target = join(cache, `${name}-${await versions(packages)}`);
  if (existsSync(target)) return target;
  const work = await mkdtemp(join(cache, `${name}-`));
  try {
    await download(packages, work);
    const root = join(work, "root");
    await mkdir(root);
    await prepare(root);
    for (const file of (await readdir(work)).filter((each) => each.endsWith(".deb"))) {
      await unpack(join(work, file), root);
    }
    await rename(root, target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Downloads packages into a folder.
 * @throws ToolchainError in apt's words when it cannot
 */
async function download(packages: readonly string[], folder: string): Promise<void> {
  try {
    await run("apt-get", ["download", ...packages], { cwd: folder });
  } catch (error) {
    throw new ToolchainError(
      `apt does not serve the packages of real nodes: ${(error as Error).message}`,
      "its lists may be old: apt-get update",
      { cause: error },
    );
  }
}

/** A word for the versions of packages that apt would install now. */
async function versions(packages: readonly string[]): Promise<string> {
  const policy = await run("apt-cache", ["policy", ...packages]);
  const candidates = policy.match(/^ {2}Candidate: .*$/gm)?.join() ?? "";
  return createHash("sha256").update(`${packages.join()} ${candidates}`).digest("hex").slice(0, 16);
}

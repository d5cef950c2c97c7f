import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, ensureDirectory } from "../../embedded/toolchain/index.ts";
import { download, versions } from "../packages.ts";
import { run } from "../run.ts";

/** Dependencies that serve the installation of a package, and not its programs. */
const forInstalling =
  /^(perl|libperl|debconf|cdebconf|libdebian-installer|locales|adduser|dpkg|usrmerge|usr-is-merged|ucf|ssl-cert|sysvinit-utils|init-system-helpers|postgresql-common|postgresql-client-common|sensible-utils|passwd|install-info|readline-common|libsemanage|libsepol|libpam-modules|libpam-runtime|libgdbm|libdb5|lsb-base|libllvm|libz3)|-perl$/;

/**
 * A root file system with packages of the distribution and all that their programs need, down to the C library.
 * @returns its folder in the person's cache
 * @throws ToolchainError in apt's words when it cannot serve them
 */
export async function debianRoot(name: string, packages: readonly string[]): Promise<string> {
  const all = (await withDependencies(packages)).filter((each) => !forInstalling.test(each));
  const cache = await ensureDirectory(cacheDirectory("debian"));
  const target = join(cache, `${name}-root-${await versions(all)}`);
  if (existsSync(target)) return target;
  const work = await mkdtemp(join(cache, `${name}-root-`));
  try {
    await download(all, work);
    const root = join(work, "root");
    // As in every Debian of today, where packages still bring files in both.
    for (const folder of ["bin", "sbin", "lib", "lib64"]) {
      await mkdir(join(root, "usr", folder), { recursive: true });
      await symlink(`usr/${folder}`, join(root, folder));
    }
    for (const file of (await readdir(work)).filter((each) => each.endsWith(".deb"))) {
      const archive = join(work, "files.tar");
      await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" >"$2"', "sh", join(work, file), archive]);
      await run("tar", ["--extract", `--file=${archive}`, "--keep-directory-symlink", `--directory=${root}`]);
    }
    for (const folder of ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian"]) {
      await rm(join(root, folder), { recursive: true, force: true });
    }
    await rename(root, target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Copies such a root into an image's; owners and links as they are. */
export const copyRoot = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });

async function withDependencies(packages: readonly string[]): Promise<string[]> {
  const without = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
  const said = await run("apt-cache", [
    "depends",
    "--recurse",
    ...without.map((each) => `--no-${each}`),
    ...packages,
  ]);
  // Names at the beginning of a line are packages; indented ones are what they depend on.
  return [...new Set(said.match(/^[a-z0-9][^\s:]*$/gm) ?? [])].sort();
}

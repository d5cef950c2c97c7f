import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { kept } from "../packages.ts";
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
  return kept(`${name}-root`, all, unpackWithoutManuals, prepareRoot);
}

/** As in every Debian of today, where packages still bring files in both. */
async function prepareRoot(root: string): Promise<void> {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    await mkdir(join(root, "usr", folder), { recursive: true });
    await symlink(`usr/${folder}`, join(root, folder));
  }
}

/** The folders of `prepareRoot` stay links. */
async function unpackWithoutManuals(archive: string, root: string): Promise<void> {
  const files = `${archive}.tar`;
  await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" >"$2"', "sh", archive, files]);
  const without = ["doc", "man", "locale", "lintian"].map((each) => `--exclude=./usr/share/${each}`);
  await run("tar", [
    "--extract",
    `--file=${files}`,
    "--keep-directory-symlink",
    ...without,
    `--directory=${root}`,
  ]);
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

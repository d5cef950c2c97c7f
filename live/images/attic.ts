import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../run.ts";
import { type ImageSpec, writeImage } from "./oci.ts";
import { programImage } from "./program.ts";

/** Where the Attic of the nodes comes from. */
export type AtticSource =
  /** A program `atticd`: the double, or a person's own, which may need shared libraries of this machine. */
  | { program: string }
  /** An archive of an image, as `docker save`, `skopeo copy … oci-archive:` and `nix build` write one; not compressed. */
  | { archive: string };

/** Where distributions keep the certificates of public authorities. */
const authorities = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
const authoritiesInside = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Writes the archive that nodes import, under the name that the stack's pods ask for.
 * @param name `attic:image` of the stack, with its tag
 * @throws Error when an archive is none of an image
 */
export const writeAtticImage = (file: string, name: string, source: AtticSource): Promise<void> =>
  "program" in source ? writeProgram(file, name, source.program) : writeRenamed(file, name, source.archive);

const writeProgram = async (file: string, name: string, program: string) =>
  writeImage(file, await atticImage(name, program));

/**
 * An image of a program as `/bin/atticd`, with the shared libraries and the loader that it needs, the certificates
 * of public authorities, and `/tmp`. It runs as nobody, and writes nothing outside `/tmp`.
 */
export async function atticImage(name: string, program: string): Promise<ImageSpec> {
  const libraries = await librariesOf(program);
  const image = programImage({
    name,
    binary: program,
    path: "/bin/atticd",
    config: { Env: ["PATH=/bin", `SSL_CERT_FILE=${authoritiesInside}`] },
    async fill(root) {
      for (const library of libraries) await place(library, join(root, library), 0o755);
      const found = authorities.find((file) => existsSync(file));
      if (found) await place(found, join(root, authoritiesInside), 0o644);
      await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
    },
  });
  // A person builds their own program where it was before.
  return { ...image, from: `${program} ${await sha256(program)} ${libraries.join()}` };
}

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

async function place(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}

/** The loader and the libraries that a program is loaded with, as absolute paths; none for a static one. */
async function librariesOf(program: string): Promise<string[]> {
  // `ldd` fails on a program that is static.
  const said = await run("ldd", [program]).catch(() => "");
  if (/not found/.test(said)) throw new Error(`${program} lacks libraries on this machine:\n${said}`);
  return librariesIn(said);
}

/** Reads what `ldd` prints: `name => /path (0x…)`, and the loader as a path alone. */
export function librariesIn(ldd: string): string[] {
  const paths = ldd.match(/(?<=(=>|^)\s*)\/\S+(?= \(0x)/gm) ?? [];
  return [...new Set(paths)];
}

/** Copies an archive with its image under another name, in the OCI layout, in Docker's, or in both at once. */
async function writeRenamed(file: string, name: string, archive: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const work = await mkdtemp(`${file}.`);
  try {
    const layout = join(work, "layout");
    await mkdir(layout);
    await run("tar", ["--extract", `--file=${archive}`, `--directory=${layout}`]);
    const renamed = await Promise.all([
      rewrite(join(layout, "index.json"), (text) => renamedIndex(text, name)),
      rewrite(join(layout, "manifest.json"), (text) => renamedManifest(text, name)),
    ]);
    if (!renamed.includes(true)) throw new Error(`${archive} is no archive of an image`);
    await rm(join(layout, "repositories"), { force: true });
    const part = join(work, "image.tar");
    await run("tar", ["--create", `--file=${part}`, "-C", layout, "."]);
    await rename(part, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function rewrite(file: string, change: (text: string) => string): Promise<boolean> {
  if (!existsSync(file)) return false;
  await chmod(file, 0o644);
  await writeFile(file, change(await readFile(file, "utf8")));
  return true;
}

/** The index of an OCI layout with its first image under a name; others are left out, as they would take it, too. */
export function renamedIndex(text: string, name: string): string {
  const index = JSON.parse(text) as { manifests: { annotations?: Record<string, string> }[] };
  const [first] = index.manifests;
  if (!first) throw new Error("the archive has no image");
  const annotations = { "io.containerd.image.name": name };
  return JSON.stringify({ ...index, manifests: [{ ...first, annotations }] });
}

/** Docker's list of images with its first one under a name, and no other. */
export function renamedManifest(text: string, name: string): string {
  const [first] = JSON.parse(text) as object[];
  if (!first) throw new Error("the archive has no image");
  return JSON.stringify([{ ...first, RepoTags: [name] }]);
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../run.ts";

/** What a container of an image runs as; the part of the OCI image configuration that is used. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
}

/** An image to be made. */
export interface ImageSpec {
  /** Its name with its tag, such as `localhost/pause:1`. */
  name: string;
  config: ImageConfig;
  /** What its content comes from, such as the path of a program that is named by its hash: another, another image. */
  from: string;
  /** Fills the folder that becomes the image's root; owners and modes are taken over. */
  fill(root: string): Promise<void>;
}

/** An image that is there already. */
export interface GivenImage extends Pick<ImageSpec, "name" | "from"> {
  /** Writes its archive. */
  write(file: string): Promise<void>;
}

/**
 * Writes an image of one layer as an archive in the OCI layout, as container runtimes import it. The same files make
 * the same archive.
 */
export async function writeImage(
  file: string,
  { name, config, fill }: Omit<ImageSpec, "from">,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const work = await mkdtemp(`${file}.`);
  try {
    const root = join(work, "root");
    await mkdir(root, { mode: 0o755 });
    await fill(root);
    const layout = join(work, "layout");
    await mkdir(join(layout, "blobs/sha256"), { recursive: true });
    const layer = join(work, "layer.tar");
    await tar(layer, root);

    const blob = async (mediaType: string, content: string) => {
      const digest = createHash("sha256").update(content).digest("hex");
      await writeFile(join(layout, "blobs/sha256", digest), content);
      return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(content) };
    };
    const layerDigest = await sha256(layer);
    const { size } = await stat(layer);
    await rename(layer, join(layout, "blobs/sha256", layerDigest));
    const layers = [
      { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: `sha256:${layerDigest}`, size },
    ];
    const image = {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: await blob("application/vnd.oci.image.config.v1+json", JSON.stringify(image)),
      layers,
    };
    const described = {
      ...(await blob(manifest.mediaType, JSON.stringify(manifest))),
      annotations: { "io.containerd.image.name": name },
    };
    await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [described] }));
    const part = join(work, "image.tar");
    await tar(part, layout);
    await rename(part, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const tar = (file: string, folder: string) =>
  run("tar", [
    "--create",
    `--file=${file}`,
    "--sort=name",
    "--mtime=@0",
    "--numeric-owner",
    "-C",
    folder,
    ".",
  ]);

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeOf } from "../../../live/addresses.ts";
import { writeAtticImage } from "../../../live/images/attic.ts";
import { archiveBase } from "../../../live/images/index.ts";
import { type GivenImage, type ImageSpec, writeImage } from "../../../live/images/oci.ts";
import { programImage } from "../../../live/images/program.ts";
import { importArchive } from "../../../live/nodes/images.ts";
import { mostNodes, nodeNamespaces } from "../../../live/nodes/index.ts";
import { unpacked } from "../../../live/packages.ts";
import { ensurePrograms } from "../../../live/programs.ts";
import { paths } from "./world.ts";

/**
 * Gives an image to every node that runs. A node that is killed and started again has it still; one that is added later
 * does not.
 * @throws Error in containerd's words
 */
export async function giveNodes(image: ImageSpec | GivenImage): Promise<void> {
  const programs = await ensurePrograms();
  const folder = await mkdtemp(join(tmpdir(), "attic-image-"));
  try {
    const archive = join(folder, "image.tar");
    await ("write" in image ? image.write(archive) : writeImage(archive, image));
    for (let number = 1; number <= mostNodes; number++) {
      if (await nodeNamespaces(paths, nodeOf(number))) await importArchive(paths, programs, number, archive);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A name for another image of Attic: images are told by the commit that they were built from. */
export const anotherName = (image: string): string =>
  `localhost/attic:${createHash("sha1").update(image).digest("hex")}`;

/** The image that the stack runs, under another name: to Kubernetes it is another version, and it works. */
export async function sameServer(image: string): Promise<GivenImage> {
  const base = archiveBase(image);
  const file = (await readdir(paths.images)).find((each) => each.startsWith(`${base}-`));
  if (!file) throw new Error(`there is no archive of ${image} in ${paths.images}`);
  const archive = join(paths.images, file);
  const name = anotherName(image);
  return { name, from: archive, write: (to) => writeAtticImage(to, name, { archive }) };
}

/** What an image says whose server cannot migrate. */
export const complaint = "Error: relation cache is not what this migration expects";

/** An image with a server that ends at once with an error, whatever it is asked. */
export async function brokenServer(): Promise<ImageSpec> {
  const busybox = join(await unpacked("busybox", ["busybox-static"]), "bin/busybox");
  return programImage({
    name: anotherName("broken"),
    binary: busybox,
    path: "/bin/busybox",
    config: { Entrypoint: ["/bin/busybox", "sh", "-c", `echo "${complaint}" >&2; exit 1`] },
  });
}

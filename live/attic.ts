import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type ProgressListener, ToolchainError } from "../embedded/toolchain/index.ts";
import { atticDoubleBinary } from "./attic-double/binary.ts";
import { atticImage, writeAtticImage } from "./images/attic.ts";
import type { GivenImage, ImageSpec } from "./images/oci.ts";

/** What runs in Attic's pods. */
export interface Attic {
  image: ImageSpec | GivenImage;
  /** What it is, for the summary. */
  is: string;
}

/**
 * The image of Attic's pods. Its tag is made of what it is made of, so that another server is another image.
 * @param given path of an `atticd`, or of an archive of an image; the double when left out
 * @throws ToolchainError when it is not there, or the double cannot be built
 */
export async function attic(given: string | undefined, progress?: ProgressListener): Promise<Attic> {
  if (given === undefined) {
    const program = await atticDoubleBinary(progress);
    return {
      image: await atticImage(`localhost/attic-double:${await sha1(program)}`, program),
      is: "attic-double, which stands in for Attic: no Attic was given by --attic",
    };
  }
  const file = resolve(given);
  const there = await stat(file).catch(() => undefined);
  if (!there?.isFile()) {
    throw new ToolchainError(
      `there is no file ${file}`,
      "--attic takes an atticd, or an archive of an image",
    );
  }
  const kind = await kindOf(file);
  if (!kind) {
    throw new ToolchainError(
      `${file} is neither a program nor an archive of an image`,
      "--attic takes an atticd for Linux, or an archive of an image; unpack one that is compressed (gunzip, zstd -d)",
    );
  }
  const name = `localhost/attic:${await sha1(file)}`;
  if (kind === "program") return { image: await atticImage(name, file), is: `Attic: ${file}` };
  const write = (to: string) => writeAtticImage(to, name, { archive: file });
  return { image: { name, from: file, write }, is: `Attic: the image in ${file}` };
}

/** What a file is, by the words that each kind has at its place; undefined when it is something else. */
async function kindOf(file: string): Promise<"program" | "archive" | undefined> {
  const opened = await open(file);
  try {
    const { buffer } = await opened.read({ buffer: Buffer.alloc(262), position: 0 });
    if (buffer.toString("latin1", 0, 4) === "\x7fELF") return "program";
    return buffer.toString("latin1", 257) === "ustar" ? "archive" : undefined;
  } finally {
    await opened.close();
  }
}

/** As long as the commits that images of Attic are tagged with. */
async function sha1(file: string): Promise<string> {
  const hash = createHash("sha1");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

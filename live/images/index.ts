import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LivePaths } from "../paths.ts";
import type { Programs } from "../programs.ts";
import { cloudNativePgImage } from "./cloudnative-pg.ts";
import { type GivenImage, type ImageSpec, writeImage } from "./oci.ts";
import { pauseImageOf } from "./pause.ts";
import { postgresqlImage } from "./postgresql.ts";

/** The images that nodes have in any case, by name. */
export interface Images {
  pause: string;
  cloudNativePg: string;
  postgresql: string;
}

/**
 * Makes the images that every node imports when it starts, unless they are there, and removes all others.
 * @param more beside those that nodes have in any case
 */
export async function ensureImages(
  paths: LivePaths,
  { pause, cloudNativePg }: Pick<Programs, "pause" | "cloudNativePg">,
  more: readonly (ImageSpec | GivenImage)[] = [],
): Promise<Images> {
  const own = {
    pause: pauseImageOf(pause),
    cloudNativePg: cloudNativePgImage(cloudNativePg),
    postgresql: await postgresqlImage(),
  };
  await writeImages(paths, [...Object.values(own), ...more]);
  return {
    pause: own.pause.name,
    cloudNativePg: own.cloudNativePg.name,
    postgresql: own.postgresql.name,
  };
}

async function writeImages(paths: LivePaths, specs: readonly (ImageSpec | GivenImage)[]): Promise<void> {
  await mkdir(paths.images, { recursive: true });
  const archives = specs.map((spec) => ({ spec, file: join(paths.images, archiveName(spec)) }));
  const wanted = new Set(archives.map(({ file }) => file));
  for (const each of await readdir(paths.images)) {
    const file = join(paths.images, each);
    if (!wanted.has(file)) await rm(file, { recursive: true, force: true });
  }
  for (const { spec, file } of archives) {
    if (existsSync(file)) continue;
    await ("write" in spec ? spec.write(file) : writeImage(file, spec));
  }
}

/** By its name and by what it is made of, so that no older one is taken for it. */
function archiveName(image: ImageSpec | GivenImage): string {
  const { name, from } = image;
  const made = JSON.stringify([name, from, "config" in image ? image.config : {}]);
  const hash = createHash("sha256").update(made).digest("hex").slice(0, 12);
  return `${archiveBase(name)}-${hash}.tar`;
}

/** What the name of an image's archive begins with. */
export const archiveBase = (name: string): string => name.replaceAll(/[^a-z0-9.]+/g, "-");

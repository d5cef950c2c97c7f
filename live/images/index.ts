import { existsSync } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pauseImage } from "../nodes/files.ts";
import type { LivePaths } from "../paths.ts";
import type { Programs } from "../programs.ts";
import { cloudNativePgImage } from "./cloudnative-pg.ts";
import { type ImageSpec, writeImage } from "./oci.ts";
import { postgresqlImage } from "./postgresql.ts";

/** The images that every node has from its start, by name. */
export interface Images {
  pause: string;
  cloudNativePg: string;
  postgresql: string;
}

/** Makes the images of all nodes, unless they are there. */
export async function ensureImages(
  paths: LivePaths,
  { pause, cloudNativePg }: Pick<Programs, "pause" | "cloudNativePg">,
): Promise<Images> {
  const specs = {
    pause: holding(pause),
    cloudNativePg: cloudNativePgImage(cloudNativePg),
    postgresql: await postgresqlImage(),
  };
  for (const [name, spec] of Object.entries(specs)) {
    const file = join(paths.images, `${name}.tar`);
    if (!existsSync(file)) await writeImage(file, spec);
  }
  return {
    pause: specs.pause.name,
    cloudNativePg: specs.cloudNativePg.name,
    postgresql: specs.postgresql.name,
  };
}

const holding = (pause: string): ImageSpec => ({
  name: pauseImage,
  config: { Entrypoint: ["/pause"], User: "65535:65535" },
  async fill(root) {
    await copyFile(pause, join(root, "pause"));
    await chmod(join(root, "pause"), 0o755);
  },
});

import { existsSync } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pauseImage } from "../nodes/files.ts";
import type { LivePaths } from "../paths.ts";
import type { Programs } from "../programs.ts";
import { writeImage } from "./oci.ts";

/** Makes the images that every node has from its start, unless they are there. */
export async function ensureImages(paths: LivePaths, { pause }: Pick<Programs, "pause">): Promise<void> {
  const file = join(paths.images, "pause.tar");
  if (existsSync(file)) return;
  await writeImage(file, {
    name: pauseImage,
    config: { Entrypoint: ["/pause"], User: "65535:65535" },
    async fill(root) {
      await copyFile(pause, join(root, "pause"));
      await chmod(join(root, "pause"), 0o755);
    },
  });
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackConfig } from "../../config/index.ts";
import { loadStackConfig } from "../../config/load.ts";
import { readStackFile } from "../../config/stack-file.ts";
import type { AccessKeys } from "../platform/object-store/index.ts";
import { LIVE_STACK } from "./environment.ts";

/** The stack's file as it is before anything is known of the machine. */
export const stackFileHere = () =>
  readFileSync(join(import.meta.dirname, `Pulumi.${LIVE_STACK}.yaml`), "utf8");

/** What the stack's file is given that nobody knows before. */
export interface ProjectValues {
  /** By path, such as `attic:database.cloudNativePg.image`. */
  settings: Readonly<Record<string, string>>;
  /** The same, to be encrypted. */
  secrets: Readonly<Record<string, string>>;
}

/** The values for images and keys. */
export const projectValues = (
  images: { attic: string; postgresql: string },
  { accessKeyId, secretAccessKey }: AccessKeys,
): ProjectValues => ({
  settings: {
    "attic:image": images.attic,
    "attic:database.cloudNativePg.image": images.postgresql,
  },
  secrets: {
    "attic:objectStore.s3.credentials.accessKeyId": accessKeyId,
    "attic:objectStore.s3.credentials.secretAccessKey": secretAccessKey,
  },
});

/**
 * The stack's configuration, as the program will read it.
 * @param folder with the stack's file, complete
 */
export const liveConfig = (folder: string): StackConfig =>
  loadStackConfig(readStackFile(folder, LIVE_STACK), `Pulumi.${LIVE_STACK}.yaml`);

import { pauseImage } from "../nodes/files.ts";
import type { ImageSpec } from "./oci.ts";
import { programImage } from "./program.ts";

/**
 * The image of the process that holds a pod's namespaces.
 * @param pause path of the program
 */
export const pauseImageOf = (pause: string): ImageSpec =>
  programImage({ name: pauseImage, binary: pause, path: "/pause", config: { User: "65535:65535" } });

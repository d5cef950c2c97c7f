import { join } from "node:path";
import { buildGo, type ProgressListener } from "../../embedded/toolchain/index.ts";
import type { ImageSpec } from "./oci.ts";
import { programImage } from "./program.ts";

/** The image that tells what packets get through. */
export const reachName = "localhost/reach:1";

/** The program of the image. @throws ToolchainError when it cannot be built */
export const reachProgram = (progress?: ProgressListener): Promise<string> =>
  buildGo({
    name: "reach",
    moduleDir: join(import.meta.dirname, "reach"),
    pkg: ".",
    ldflags: "-s -w",
    expectedMinutes: 0.1,
    neededMiB: 50,
    progress,
  });

/**
 * The image `localhost/reach:1`: `reach listen PORT[/udp]…` answers, `reach try HOST:PORT[/udp]…` tells as JSON who
 * does, `reach hold HOST:PORT DURATION` keeps a connection busy. Test equipment.
 * @throws ToolchainError when the program cannot be built
 */
export const reachImage = async (progress?: ProgressListener): Promise<ImageSpec> =>
  programImage({ name: reachName, binary: await reachProgram(progress) });

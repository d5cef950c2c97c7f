import { buildGo, type ProgressListener } from "../../embedded/toolchain/index.ts";

/**
 * The double of Attic's server, which says that it is one: it takes the arguments, configuration and environment of
 * `atticd`, answers its API, and keeps the same tables and files. Built if it has to be, for any Linux, as it needs
 * no C library.
 *
 * @throws ToolchainError when this machine cannot build it
 */
export function atticDoubleBinary(progress?: ProgressListener): Promise<string> {
  return buildGo({
    name: "attic-double",
    moduleDir: import.meta.dirname,
    pkg: ".",
    ldflags: "-s -w",
    expectedMinutes: 1,
    neededMiB: 500,
    progress,
  });
}

import { join } from "node:path";
import { operatorBinaries } from "../embedded/cloudnative-pg/binaries.ts";
import { controlPlaneBinary, nodeBinary } from "../embedded/control-plane/binary.ts";
import { buildGo, type ProgressListener } from "../embedded/toolchain/index.ts";
import type { NodePrograms } from "./nodes/index.ts";
import { nodePackagesUnpacked } from "./packages.ts";

/** What `live` runs beside the packages, as paths of programs. */
export interface Programs extends NodePrograms {
  /** For the images of the same names. */
  pause: string;
  cloudNativePg: string;
}

/**
 * Everything that nodes are made of, built or fetched where it is not there yet: about ten minutes the first time.
 * @throws ToolchainError when something cannot be built
 */
export async function ensurePrograms(progress?: ProgressListener): Promise<Programs> {
  const packages = await nodePackagesUnpacked();
  const shared = { pkg: ".", ldflags: "-s -w", progress };
  return {
    ...packages,
    controlPlane: await controlPlaneBinary(progress),
    node: await nodeBinary(progress),
    coredns: await buildGo({
      ...shared,
      name: "coredns",
      moduleDir: join(import.meta.dirname, "coredns"),
      expectedMinutes: 1,
      neededMiB: 600,
    }),
    cloudNativePg: (await operatorBinaries(progress)).operator,
    pause: await buildGo({
      ...shared,
      name: "pause",
      moduleDir: join(import.meta.dirname, "images/pause"),
      expectedMinutes: 0.1,
      neededMiB: 50,
    }),
  };
}

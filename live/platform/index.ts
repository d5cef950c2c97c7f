import type { StackConfig } from "../../config/index.ts";
import type { ProgressListener } from "../../embedded/toolchain/index.ts";
import { barmanCloud } from "./barman-cloud/index.ts";
import { certManager } from "./cert-manager/index.ts";
import { cloudNativePg } from "./cloudnative-pg.ts";
import { monitoring } from "./monitoring/index.ts";
import type { Part } from "./part.ts";
import { traefik } from "./traefik/index.ts";

/**
 * All that a cluster has before the stack comes, each after what it needs.
 * @param config of the stack, by which Traefik is set
 * @throws ToolchainError when something cannot be built or fetched
 */
export async function platform(config: StackConfig, progress?: ProgressListener): Promise<Part[]> {
  // One after the other: a build takes all cores there are.
  return [
    await certManager(progress),
    await cloudNativePg(),
    await monitoring(progress),
    await barmanCloud(progress),
    await traefik(config, progress),
  ];
}

import { buildGo, type ProgressListener } from "../../../embedded/toolchain/index.ts";
import { programImage } from "../../images/program.ts";
import type { Part } from "../part.ts";
import { onNodes, readRelease, version } from "./release.ts";
import { sidecarImage } from "./sidecar.ts";

/** Measured on two cores with empty caches. */
const expectedMinutes = 4;

/** The program that both the plugin's pod and its sidecars run. */
const manager = (progress?: ProgressListener): Promise<string> =>
  buildGo({
    name: "plugin-barman-cloud",
    moduleDir: import.meta.dirname,
    pkg: "github.com/cloudnative-pg/plugin-barman-cloud/cmd/manager",
    ldflags: "-s -w",
    expectedMinutes,
    progress,
  });

/**
 * The Barman Cloud plugin of CloudNativePG, as it is released but for its two images, which are on the nodes and not
 * pulled. It needs the operator in the cluster, and cert-manager, which makes the certificates by which the two know
 * each other.
 * @throws ToolchainError when something cannot be built or fetched
 */
export async function barmanCloud(progress?: ProgressListener): Promise<Part> {
  const binary = await manager(progress);
  const images = {
    plugin: programImage({
      name: `localhost/plugin-barman-cloud:${version()}`,
      binary,
      path: "/manager",
    }),
    sidecar: await sidecarImage(`localhost/plugin-barman-cloud-sidecar:${version()}`, binary),
  };
  const objects = onNodes(await readRelease(), {
    plugin: images.plugin.name,
    sidecar: images.sidecar.name,
  });
  return {
    name: "barman-cloud",
    is: `Barman Cloud plugin ${version()}, with barman of the distribution`,
    images: Object.values(images),
    objects,
    rollouts: [{ kind: "deployment", name: "barman-cloud", namespace: "cnpg-system" }],
  };
}

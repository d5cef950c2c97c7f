import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackConfig } from "../../../config/index.ts";
import type { ProgressListener } from "../../../embedded/toolchain/index.ts";
import { traefikBinary } from "../../../embedded/traefik/binary.ts";
import { programImage } from "../../images/program.ts";
import { access, restricted } from "../access.ts";
import { definitions } from "../definitions.ts";
import type { Part } from "../part.ts";
import { deployment, disruptionBudget, name, rights, service } from "./objects.ts";

export { ingressAddress } from "../../addresses.ts";

/** The version that the module of embedded/traefik pins, like "v3.6.0". */
export function traefikVersion(
  goMod = readFileSync(join(import.meta.dirname, "../../../embedded/traefik/go.mod"), "utf8"),
): string {
  const version = /^\s*github\.com\/traefik\/traefik\/v3 (v\d+\.\d+\.\d+)\b/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error("embedded/traefik/go.mod names no version of Traefik.");
  return version;
}

/**
 * The real Traefik, set as the stack sets the chart of its own.
 * @throws ToolchainError when it cannot be built
 */
export async function traefik(config: StackConfig, progress?: ProgressListener): Promise<Part> {
  const image = `localhost/traefik:${traefikVersion()}`;
  const binary = await traefikBinary(progress);
  const { namespace } = config.network.ingressController;
  return {
    name: "traefik",
    is: "Traefik, without its chart, with rights in all namespaces; a fixed address instead of a load balancer",
    images: [programImage({ name: image, binary })],
    objects: [
      restricted(namespace),
      ...(await definitions("traefik")),
      ...access(name, namespace, rights),
      service(config),
      disruptionBudget(config),
      deployment(config, image),
    ],
    rollouts: [{ kind: "deployment", name, namespace }],
  };
}

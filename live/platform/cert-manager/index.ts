import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildGo, type ProgressListener } from "../../../embedded/toolchain/index.ts";
import { programImage } from "../../images/program.ts";
import { ground, kubectl } from "../../nodes/index.ts";
import type { LivePaths } from "../../paths.ts";
import { restricted } from "../access.ts";
import { definitions } from "../definitions.ts";
import type { Part } from "../part.ts";
import { authorityName, authorityObjects } from "./authority.ts";
import { account, deployment, namespace } from "./objects.ts";

export { authorityName } from "./authority.ts";

const module = "github.com/cert-manager/cert-manager";

/** The version that go.mod pins, like "v1.21.2". */
export function certManagerVersion(
  goMod = readFileSync(join(import.meta.dirname, "go.mod"), "utf8"),
): string {
  const version = new RegExp(`^\\s*(?:require )?${module} (v\\d+\\.\\d+\\.\\d+)\\b`, "m").exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${import.meta.dirname}/go.mod names no version of ${module}.`);
  return version;
}

/**
 * The real controllers of cert-manager in a program of ours, and an authority that signs for the stack.
 * @throws ToolchainError when it cannot be built
 */
export async function certManager(progress?: ProgressListener): Promise<Part> {
  const image = `localhost/cert-manager:${certManagerVersion()}`;
  const binary = await buildGo({
    name: "cert-manager",
    moduleDir: import.meta.dirname,
    pkg: ".",
    ldflags: "-s -w",
    expectedMinutes: 3,
    neededMiB: 1500,
    progress,
  });
  return {
    name: "cert-manager",
    is: "cert-manager's controllers, without ACME, Vault and Venafi, webhook and cainjector; an authority of its own",
    images: [programImage({ name: image, binary })],
    objects: [
      restricted(namespace),
      ...(await definitions("cert-manager")),
      ...account,
      deployment(image),
      ...authorityObjects,
    ],
    rollouts: [{ kind: "deployment", name: "cert-manager", namespace }],
  };
}

/**
 * The certificate of the authority, as PEM, for clients to trust.
 * @throws Error in kubectl's words when it is not ready within a minute
 */
export async function authority(paths: LivePaths): Promise<string> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  await kubectl(paths, namespaces, [
    "wait",
    "--for=condition=Ready",
    `clusterissuer/${authorityName}`,
    "--timeout=60s",
  ]);
  const secret = ["get", "secret", authorityName, `--namespace=${namespace}`];
  const encoded = await kubectl(paths, namespaces, [...secret, "-o", "jsonpath={.data.tls\\.crt}"]);
  return Buffer.from(encoded, "base64").toString();
}

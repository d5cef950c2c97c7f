import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { names, readRelease } from "../../embedded/cloudnative-pg/manifest.ts";
import { ground, kubectl } from "../nodes/index.ts";
import type { LivePaths } from "../paths.ts";

/**
 * Installs the real CloudNativePG operator into the cluster, as it is released but for one thing: its image is on the
 * nodes, and is not pulled.
 * @throws Error when it does not become ready within two minutes
 */
export async function installCloudNativePg(paths: LivePaths): Promise<void> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  const file = join(paths.root, "cloudnative-pg.yaml");
  const manifest = (await readRelease()).replaceAll(
    "imagePullPolicy: Always",
    "imagePullPolicy: IfNotPresent",
  );
  await writeFile(file, manifest);
  const apply = () => kubectl(paths, namespaces, ["apply", "--server-side", "-f", file]);
  // Roles and the rest may name kinds that the API server learns of only now.
  await apply().catch(() => sleep(1000).then(apply));
  const rollout = ["rollout", "status", "deployment", "--timeout=120s", `--namespace=${names.namespace}`];
  await kubectl(paths, namespaces, rollout);
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../embedded/cloudnative-pg/manifest.ts";
import { ground, kubectl } from "../nodes/index.ts";
import type { LivePaths } from "../paths.ts";
import type { Part } from "./part.ts";

/** How often a part is applied before its refusal is believed. */
const attempts = 8;

/**
 * Applies the objects of a part; definitions of kinds first, until the API server serves them: an operator that finds a
 * kind missing when it starts does without it from then on. What goes through a webhook that only just starts is refused
 * at first, so a refusal is believed only when it lasts.
 * @throws Error in kubectl's words
 */
export async function apply(paths: LivePaths, { name, objects }: Part): Promise<void> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  const folder = join(paths.root, "platform");
  await mkdir(folder, { recursive: true });
  const insist = async (file: string, some: readonly KubeObject[]) => {
    const path = join(folder, file);
    // Strict validation looks into each document by itself, and not into the items of a List.
    await writeFile(path, some.map((object) => JSON.stringify(object)).join("\n"));
    const command = ["apply", "--server-side", "--force-conflicts", `--filename=${path}`];
    for (let attempt = 1; ; attempt++) {
      try {
        await kubectl(paths, namespaces, command);
        return path;
      } catch (error) {
        if (attempt === attempts) throw error;
        await sleep(1000);
      }
    }
  };
  const definitions = objects.filter(isDefinition);
  if (definitions.length > 0) {
    const path = await insist(`${name}-definitions.json`, definitions);
    const established = ["--for=condition=Established", "--timeout=120s", `--filename=${path}`];
    await kubectl(paths, namespaces, ["wait", ...established]);
  }
  await insist(
    `${name}.json`,
    objects.filter((object) => !isDefinition(object)),
  );
}

const isDefinition = ({ kind }: KubeObject) => kind === "CustomResourceDefinition";

/**
 * Waits until the workloads of a part are complete.
 * @throws Error naming the one that is not within three minutes
 */
export async function complete(paths: LivePaths, { rollouts }: Part): Promise<void> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  for (const { kind, name, namespace } of rollouts) {
    const workload = [`${kind}/${name}`, `--namespace=${namespace}`];
    // An operator makes its workloads a moment after their description, and of what is not there no status is told.
    await kubectl(paths, namespaces, ["wait", "--for=create", ...workload, "--timeout=60s"]);
    await kubectl(paths, namespaces, ["rollout", "status", ...workload, "--timeout=180s"]);
  }
}

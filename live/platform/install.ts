import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ground, kubectl } from "../nodes/index.ts";
import type { LivePaths } from "../paths.ts";
import type { Part } from "./part.ts";

/** How often a part is applied before its refusal is believed. */
const attempts = 8;

/**
 * Applies the objects of a part. Some are of kinds that the API server learns of from the ones before, or go through
 * webhooks that only just start, so a refusal is believed only when it lasts.
 * @throws Error in kubectl's words
 */
export async function apply(paths: LivePaths, { name, objects }: Part): Promise<void> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  const folder = join(paths.root, "platform");
  const file = join(folder, `${name}.json`);
  await mkdir(folder, { recursive: true });
  // Strict validation looks into each document by itself, and not into the items of a List.
  await writeFile(file, objects.map((object) => JSON.stringify(object)).join("\n"));
  const command = ["apply", "--server-side", "--force-conflicts", `--filename=${file}`];
  for (let attempt = 1; ; attempt++) {
    try {
      await kubectl(paths, namespaces, command);
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(1000);
    }
  }
}

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

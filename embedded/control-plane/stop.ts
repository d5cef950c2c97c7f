import { readdir, rm, rmdir } from "node:fs/promises";
import { kubeClient } from "./client.ts";
import { hasEnded, signal } from "./process.ts";
import { findReady, findSupervisor } from "./state.ts";

const stopSeconds = 45;

/**
 * Stops the control plane of a state directory, ready or still starting, and waits until it has ended.
 *
 * @returns whether one was running
 */
export async function stopRunning(stateDir: string): Promise<boolean> {
  const supervisor = await findSupervisor(stateDir);
  if (supervisor === undefined) return false;
  await signal(supervisor, "SIGTERM");
  if (await hasEnded(supervisor, stopSeconds)) return true;
  // Its parts die with it.
  await signal(supervisor, "SIGKILL");
  if (await hasEnded(supervisor, 5)) return true;
  throw new Error(`The control plane of ${stateDir} (process ${supervisor.pid}) does not end.`);
}

/**
 * The directories of the volumes in use. Kubernetes' hostpath provisioner makes them under /tmp, out
 * of the state directory, so wiping that would leave them behind.
 */
export async function volumeDirectories(stateDir: string): Promise<readonly string[]> {
  const ready = await findReady(stateDir);
  if (ready === undefined) return [];
  const client = await kubeClient(ready.kubeconfig);
  try {
    const { items } = await client.json<{ items: readonly { spec: { hostPath?: { path: string } } }[] }>(
      "GET",
      "/api/v1/persistentvolumes",
    );
    return items
      .map(({ spec }) => spec.hostPath?.path ?? "")
      .filter((path) => /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/.test(path));
  } catch {
    return []; // An API server that is down must not keep anyone from stopping it.
  } finally {
    client.close();
  }
}

/**
 * Removes a stopped control plane's state, and the volumes' directories, which are empty: nothing runs
 * that could write to them.
 *
 * @throws Error for a directory that holds something and is no control plane's
 */
export async function removeState(stateDir: string, volumes: readonly string[]): Promise<void> {
  for (const path of volumes) await rmdir(path).catch(() => {});
  const entries = await readdir(stateDir).catch((): string[] => []);
  if (entries.length > 0 && !entries.includes("lock") && !entries.includes("logs")) {
    throw new Error(`${stateDir} is not the state directory of a control plane, so it was not removed.`);
  }
  await rm(stateDir, { recursive: true, force: true });
}

import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "./pods.ts";

/** Where a node's own programs keep who has which address. */
export interface SandboxPlaces {
  /** The address plugin's: a file for each address, which names the sandbox that has it. */
  addresses: string;
  /** The container runtime's: a folder for each sandbox, which names the pod. */
  sandboxes: string;
}

/** The places of this node, for the name of its network. */
export const sandboxPlaces = (network: string): SandboxPlaces => ({
  addresses: join("/run/cni-ipam", network),
  sandboxes: "/run/containerd/io.containerd.runtime.v2.task/k8s.io",
});

/** Whose an address is, before the node's kubelet has told the API server. */
export interface Reading {
  sandboxes: Sandbox[];
  /** Addresses that are given, of which it cannot be said yet to whom. */
  waiting: number;
}

const isAddress = /^\d+\.\d+\.\d+\.\d+$/;
const uidAnnotation = "io.kubernetes.cri.sandbox-uid";

/** Reads whose the addresses are. @param cache pods of sandboxes that were found before; is added to */
export async function readSandboxes(places: SandboxPlaces, cache: Map<string, string>): Promise<Reading> {
  const reading: Reading = { sandboxes: [], waiting: 0 };
  for (const address of (await readdir(places.addresses)).filter((name) => isAddress.test(name))) {
    const holder = await readFile(join(places.addresses, address), "utf8").catch(() => "");
    const id = holder.split(/\s/)[0] ?? "";
    const uid = cache.get(id) ?? (id && (await podOf(join(places.sandboxes, id))));
    if (uid) {
      cache.set(id, uid);
      reading.sandboxes.push({ address, uid });
    } else reading.waiting++;
  }
  return reading;
}

/** The pod of a sandbox; undefined as long as that is not written. */
async function podOf(folder: string): Promise<string | undefined> {
  try {
    const { annotations } = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as {
      annotations?: Record<string, string>;
    };
    return annotations?.[uidAnnotation];
  } catch {
    return undefined;
  }
}

const pauseMs = 50;

/**
 * Follows whose the addresses are, until it is told to stop. It looks: a machine has few instances of inotify, which
 * kubelets and container runtimes need more.
 * @param changed is told of every change
 */
export async function followSandboxes(
  places: SandboxPlaces,
  changed: (sandboxes: Sandbox[]) => void,
  stop?: AbortSignal,
): Promise<void> {
  const cache = new Map<string, string>();
  // The address plugin makes it with the first address.
  await mkdir(places.addresses, { recursive: true });
  for (let [seen, waiting, last] = [0, 0, "[]"]; !stop?.aborted; await sleep(pauseMs)) {
    const { mtimeMs } = await stat(places.addresses);
    if (mtimeMs === seen && waiting === 0) continue;
    const reading = await readSandboxes(places, cache);
    const found = JSON.stringify(reading.sandboxes);
    if (found !== last) changed(reading.sandboxes);
    [seen, waiting, last] = [mtimeMs, reading.waiting, found];
  }
}

import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { restrictedNamespace } from "../../components/kubernetes/namespace.ts";
import { cluster } from "../../components/postgres/cluster.ts";
import type { StackConfig } from "../../config/index.ts";
import { databaseConfig } from "../unit/components/postgres/settings.ts";
import { applyObject, kubectlOutput } from "./control-plane.ts";
import { childrenOf } from "./processes.ts";

/** What the operator says of a Cluster, as far as the tests ask. */
export interface ClusterStatus {
  readonly phase?: string;
  readonly phaseReason?: string;
  readonly readyInstances?: number;
  readonly currentPrimary?: string;
  readonly targetPrimary?: string;
  readonly timelineID?: number;
  readonly systemID?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** The configuration of a stack in a namespace of its own. Backups need a plugin, which does not run here. */
export function databaseIn(namespace: string, backups = false): StackConfig {
  const config = databaseConfig(
    { instances: 3, backup: { enabled: backups } },
    { deletionProtection: false },
  );
  return { ...config, namespace };
}

/** The Cluster that the program emits, in its namespace as the program makes it. */
export async function applyDatabase(config: StackConfig): Promise<Manifest> {
  const manifest = cluster(config);
  await applyObject(restrictedNamespace(config.namespace, "attic"));
  await applyObject(manifest);
  return manifest;
}

/** The status of `attic-pg`. */
export async function statusIn(namespace: string): Promise<ClusterStatus> {
  const text = await kubectlOutput(["-n", namespace, "get", "cluster", "attic-pg", "-o", "json"]);
  return (JSON.parse(text) as { status?: ClusterStatus }).status ?? {};
}

/** Whether the operator calls it ready and healthy, with all of its instances. */
export function isHealthy({ phase, conditions = [], readyInstances }: ClusterStatus): boolean {
  const ready = conditions.find(({ type }) => type === "Ready")?.status === "True";
  return ready && phase === "Cluster in healthy state" && readyInstances === 3;
}

/** Waits until the status of `attic-pg` is as wished, 20 s at most. @throws Error with the last one */
export async function untilStatus(
  namespace: string,
  wished: (status: ClusterStatus) => boolean,
): Promise<ClusterStatus> {
  let status: ClusterStatus = {};
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(100)) {
    status = await statusIn(namespace);
    if (wished(status)) return status;
  }
  throw new Error(`not within 20 s; the last status was ${JSON.stringify(status)}`);
}

/** A process and everything below it. */
export async function familyOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}

/** Where processes listen in this machine's own network, like "127.0.0.1:9443"; others are given as in /proc. */
export async function listeningHere(pids: readonly number[]): Promise<string[]> {
  const sockets = new Set<string>();
  for (const pid of pids) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      sockets.add(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
    }
  }
  // Those of other networks are not in these tables.
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/self/net/${name}`, "utf8")));
  const listening = tables
    .flatMap((table) => table.trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(inode ?? "-"))
    .map(([, local = ""]) => {
      const [address = "", port = ""] = local.split(":");
      return `${address === "0100007F" ? "127.0.0.1" : address}:${Number.parseInt(port, 16)}`;
    });
  return [...new Set(listening)];
}

/** The network namespace of a process. */
export function networkOf(pid: number | "self"): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`);
}

/** This machine's own addresses, routes and mounts. */
export async function machineState(): Promise<Record<string, string>> {
  const read = async (name: string) => [name, await readFile(`/proc/self/${name}`, "utf8")];
  return Object.fromEntries(await Promise.all(["net/fib_trie", "net/route", "mountinfo"].map(read)));
}

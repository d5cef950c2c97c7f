import type { Labels, PodObject } from "./objects.ts";
import type { Protocol } from "./policy.ts";

/** A pod that has an address of its own. */
export interface Pod {
  namespace: string;
  name: string;
  labels: Labels;
  address: string;
  /** The ports that have a name. */
  ports: { name: string; protocol: Protocol; port: number }[];
}

/** What a node itself knows of an address that it gave away. */
export interface Sandbox {
  address: string;
  /** The pod's. */
  uid: string;
}

/**
 * The pods that have addresses, and which of them are a node's own. Of its own pods the node knows the address before
 * the API server does, and when it is no longer true: what it says goes first.
 */
export function addressed(
  node: string,
  objects: readonly PodObject[],
  sandboxes: readonly Sandbox[],
): { own: Pod[]; all: Pod[] } {
  const given = new Map(sandboxes.map(({ uid, address }) => [uid, address]));
  const taken = new Map(sandboxes.map(({ uid, address }) => [address, uid]));
  const own: Pod[] = [];
  const others: Pod[] = [];
  for (const object of objects) {
    const { metadata, spec, status } = object;
    // A pod in a node's network has the node's address, and no policy is about it.
    if (spec.hostNetwork || status?.phase === "Succeeded" || status?.phase === "Failed") continue;
    const isOwn = spec.nodeName === node;
    const address = (isOwn ? given.get(metadata.uid) : undefined) ?? status?.podIP;
    if (!address || (taken.get(address) ?? metadata.uid) !== metadata.uid) continue;
    (isOwn ? own : others).push(pod(object, address));
  }
  return { own, all: [...own, ...others] };
}

function pod({ metadata, spec }: PodObject, address: string): Pod {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return {
    namespace: metadata.namespace ?? "default",
    name: metadata.name,
    labels: metadata.labels ?? {},
    address,
    ports: containers
      .flatMap(({ ports = [] }) => ports)
      .flatMap(({ name, containerPort, protocol = "TCP" }) => {
        const known = protocol === "TCP" ? "tcp" : protocol === "UDP" ? "udp" : undefined;
        return name && known ? [{ name, protocol: known, port: containerPort }] : [];
      }),
  };
}

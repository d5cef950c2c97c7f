/**
 * The addresses of the nodes' network. All of them lie in network namespaces that `live` makes; no interface, route
 * or port of the machine is touched.
 */

/** Where the control plane, DNS and the other servers beside the nodes listen; also the nodes' gateway. */
export const groundAddress = "10.250.0.1";

/** Where servers listen that are not the cluster's: the object store, whoever is told of alerts. */
export const outsideAddress = "10.250.0.254";

/**
 * Where clients reach the ingress, ports 80 and 443, from the ground, from nodes and from pods: a Service's address,
 * of the part of their network that is left to those who choose.
 */
export const ingressAddress = "10.96.0.80";

/** The domain whose names are all the ingress's. */
export const domain = "live.test";

/** The network between the ground and the nodes. */
export const nodeNetwork = "10.250.0.0/24";

/** A node, counted from 1. */
export interface NodeName {
  readonly number: number;
  readonly name: string;
  /** Its own address. */
  readonly address: string;
  /** Its pods' network. */
  readonly podNetwork: string;
  /** One zone for each node. */
  readonly zone: string;
}

/** The node of a number, 1 to 200. */
export function nodeOf(number: number): NodeName {
  return {
    number,
    name: `live-${number}`,
    address: `10.250.0.${number + 1}`,
    podNetwork: `10.244.${number}.0/24`,
    zone: `zone-${number}`,
  };
}

/** Every node's pods together. */
export const podNetwork = "10.244.0.0/16";

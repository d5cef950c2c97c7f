import { BlockList, isIP } from "node:net";
import type { Manifest } from "../../components/kubernetes/manifest.ts";

/**
 * An evaluator of NetworkPolicies, exact for what the API defines: selectors of pods and namespaces, address
 * ranges with exceptions, ports and protocols. Where the API leaves a choice to the network plugin, it takes the
 * one that allows more: an address range holds the addresses of pods, too. It judges new connections; replies
 * always pass, and so does what a node sends to its own pods, such as probes.
 */

/** One end of a connection. What is outside the cluster, or in a node's network, has an address alone. */
export interface Endpoint {
  address: string;
  pod?: { namespace: string; labels: Record<string, string> };
}

export interface Port {
  port: number;
  protocol: "TCP" | "UDP";
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port?: number; endPort?: number; protocol?: string }[];
}

/** Whether `from` may connect to `to`: the policies of both ends must allow it. */
export function allows(policies: readonly Manifest[], from: Endpoint, to: Endpoint, port: Port): boolean {
  return passes(policies, "Egress", from, to, port) && passes(policies, "Ingress", to, from, port);
}

function passes(
  policies: readonly Manifest[],
  direction: "Ingress" | "Egress",
  { pod }: Endpoint,
  other: Endpoint,
  port: Port,
): boolean {
  const about = policies.filter(
    ({ metadata, spec }) =>
      pod?.namespace === metadata.namespace &&
      pod !== undefined &&
      matches(spec.podSelector, pod.labels) &&
      typesOf(spec).includes(direction),
  );
  if (about.length === 0) return true;
  return about.some(({ metadata, spec }) => {
    const rules: Rule[] = (direction === "Ingress" ? spec.ingress : spec.egress) ?? [];
    return rules.some((rule) => {
      const peers = direction === "Ingress" ? rule.from : rule.to;
      return (
        (!peers?.length || peers.some((peer) => isPeer(peer, other, metadata.namespace))) &&
        (!rule.ports?.length || rule.ports.some((allowed) => isPort(allowed, port)))
      );
    });
  });
}

const typesOf = (spec: Manifest["spec"]): string[] =>
  spec.policyTypes ?? (spec.egress ? ["Ingress", "Egress"] : ["Ingress"]);

function isPeer(
  { ipBlock, podSelector, namespaceSelector }: Peer,
  { address, pod }: Endpoint,
  own?: string,
): boolean {
  if (ipBlock) {
    return isIn(ipBlock.cidr, address) && !ipBlock.except?.some((cidr) => isIn(cidr, address));
  }
  if (!pod) return false;
  const namespace = namespaceSelector
    ? matches(namespaceSelector, { "kubernetes.io/metadata.name": pod.namespace })
    : pod.namespace === own;
  return namespace && matches(podSelector ?? {}, pod.labels);
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        default:
          throw new Error(`unknown operator ${operator}`);
      }
    })
  );
}

function isPort(allowed: NonNullable<Rule["ports"]>[number], { port, protocol }: Port): boolean {
  if ((allowed.protocol ?? "TCP") !== protocol) return false;
  if (allowed.port === undefined) return true;
  return port >= allowed.port && port <= (allowed.endPort ?? allowed.port);
}

/** Whether an address is in a range. */
export function isIn(cidr: string, address: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  if (isIP(network) !== isIP(address)) return false;
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(address, family);
}

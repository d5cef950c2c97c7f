import type { Chart } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import { labels } from "../kubernetes/labels.ts";
import type { AddressRange } from "./ranges.ts";

/** Some pods, by what they are labelled with. */
export interface Pods {
  /** Labels that they have; none means every pod. */
  labels: Record<string, string>;
  /** A label that they have with any value. */
  having?: string;
  /** The namespace that they run in; the policy's own when left out. */
  namespace?: string;
}

/** A TCP port, unless it says otherwise. */
export type Port = number | { udp: number };

/** Allows connections with any of the peers, on any of the ports. Without a peer it allows nothing. */
export interface Rule {
  peers: (Pods | AddressRange)[];
  ports: Port[];
}

/** All that some pods may do: what no rule allows is denied, both ways. */
export interface Policy {
  name: string;
  /** The pods of the policy's namespace that it is about. */
  pods: Pods;
  /** Who may connect to them. */
  ingress: Rule[];
  /** To whom they may connect. */
  egress: Rule[];
}

/** Adds a policy to a chart. */
export function addPolicy(chart: Chart, { name, pods, ingress, egress }: Policy, partOf: string): void {
  const scope = new Construct(chart, name);
  const policy = new kplus.NetworkPolicy(scope, "policy", {
    metadata: { name, labels: labels({ name, component: "network", partOf }) },
    selector: select(scope, "pods", pods),
    ingress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
  });
  // A rule for each peer, as cdk8s-plus has it. A list of peers would also be a trap: an empty one allows everyone.
  each(ingress, (peer, ports, id) => policy.addIngressRule(select(scope, `from-${id}`, peer), ports));
  each(egress, (peer, ports, id) => policy.addEgressRule(select(scope, `to-${id}`, peer), ports));
}

function each(
  rules: Rule[],
  add: (peer: Pods | AddressRange, ports: kplus.NetworkPolicyPort[], id: string) => void,
): void {
  rules.forEach((rule, index) => {
    const ports = rule.ports.map((port) =>
      typeof port === "number" ? kplus.NetworkPolicyPort.tcp(port) : kplus.NetworkPolicyPort.udp(port.udp),
    );
    rule.peers.forEach((peer, at) => {
      add(peer, ports, `${index}-${at}`);
    });
  });
}

function select(scope: Construct, id: string, peer: Pods): kplus.Pods;
function select(scope: Construct, id: string, peer: Pods | AddressRange): kplus.INetworkPolicyPeer;
function select(scope: Construct, id: string, peer: Pods | AddressRange): kplus.INetworkPolicyPeer {
  if ("cidr" in peer) {
    const { cidr, except } = peer;
    const range = cidr.includes(":") ? kplus.NetworkPolicyIpBlock.ipv6 : kplus.NetworkPolicyIpBlock.ipv4;
    return range(scope, id, cidr, except.length > 0 ? except : undefined);
  }
  const { namespace, having } = peer;
  return kplus.Pods.select(scope, id, {
    labels: peer.labels,
    expressions: having ? [kplus.LabelExpression.exists(having)] : undefined,
    namespaces: namespace
      ? kplus.Namespaces.select(scope, `${id}-namespace`, { names: [namespace] })
      : undefined,
  });
}

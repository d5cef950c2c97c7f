import { addressNumber, type Interval, only, rangeOf, subtract, union } from "./intervals.ts";
import type { Labels, NetworkPolicyObject } from "./objects.ts";
import type { Pod } from "./pods.ts";
import { type PeerMeaning, type PolicyMeaning, type Protocol, readPolicy } from "./policy.ts";

/** What a rule is about. What is left out is about each. */
export interface Match {
  from?: Interval[];
  to?: Interval[];
  protocol?: Protocol;
  /** Of the one that is connected to. */
  ports?: Interval[];
}

/** One rule of a chain: what it is about, and what becomes of that. */
export interface Rule extends Match {
  verdict: Verdict;
}

/** `return` goes on behind the rule that led into the chain, and so does a chain that ends. */
export type Verdict = "accept" | "return" | { goTo: "egress" | "ingress" } | { dropAs: string };

/**
 * What a node does with new connections that it forwards: chains of rules, in order. It forwards all that its pods
 * send and get, but for what they exchange with the node itself, which always passes.
 */
export interface Ruleset {
  forward: Rule[];
  egress: Rule[];
  ingress: Rule[];
}

/** Whatever has to be known to say who may connect to whom. */
export interface Cluster {
  /** The network that the node's pods have their addresses of. */
  podNetwork: string;
  /** The node's own pods. */
  own: readonly Pod[];
  /** Everybody's. */
  all: readonly Pod[];
  /** The labels of namespaces, by name. */
  namespaces: ReadonlyMap<string, Labels>;
  policies: readonly NetworkPolicyObject[];
}

/** The counter of packets with an address of the node's pods that none is known to have. */
export const unknownPod = "unknown-pod";

/** What policies mean for one node. `refused` tells of what is not understood in them, and therefore denied. */
export function rulesOf(cluster: Cluster): { ruleset: Ruleset; refused: string[] } {
  const refused: string[] = [];
  const policies = cluster.policies.map((policy) => readPolicy(policy, (what) => refused.push(what)));
  const addresses = cluster.own.map(at);
  const unknown = subtract([rangeOf(cluster.podNetwork)], addresses);
  return {
    refused,
    ruleset: {
      forward: [
        ...addresses.map((pod): Rule => ({ from: [pod], to: [pod], verdict: "accept" })),
        // A pod runs a moment before anyone says what it is; until then nobody can say what it may.
        { from: unknown, verdict: { dropAs: unknownPod } },
        { to: unknown, verdict: { dropAs: unknownPod } },
        { verdict: { goTo: "egress" } },
        { verdict: { goTo: "ingress" } },
      ],
      egress: cluster.own.flatMap((pod) => isolation(cluster, policies, pod, "egress")),
      ingress: cluster.own.flatMap((pod) => isolation(cluster, policies, pod, "ingress")),
    },
  };
}

const at = ({ address }: Pod): Interval => only(addressNumber(address));

/** All rules about one pod in one direction; none when no policy isolates it. */
function isolation(
  cluster: Cluster,
  policies: readonly PolicyMeaning[],
  pod: Pod,
  direction: "egress" | "ingress",
): Rule[] {
  const about = policies.filter(
    (policy) => policy[direction] && policy.namespace === pod.namespace && policy.selects(pod.labels),
  );
  if (about.length === 0) return [];
  const [own, others] = direction === "egress" ? (["from", "to"] as const) : (["to", "from"] as const);
  const self: Match = { [own]: [at(pod)] };
  const allowed = about
    .flatMap((policy) => policy[direction] ?? [])
    .flatMap(({ peers, ports }): Match[] => {
      const matching = peers && podsOf(cluster, peers);
      const addresses = peers && union([...ranges(peers), ...(matching ?? []).map(at)]);
      if (addresses?.length === 0) return [];
      const them: Match = addresses ? { [others]: addresses } : {};
      if (!ports) return [them];
      return ports.flatMap(({ protocol, port }): Match[] => {
        if (port === undefined) return [{ ...them, protocol }];
        if (typeof port !== "string") return [{ ...them, protocol, ports: [port] }];
        // It is the one that is connected to who has a number for the name: the pod, or each of its peers for itself.
        if (direction === "ingress") return named(pod, protocol, port).map((its) => ({ ...them, ...its }));
        return (matching ?? cluster.all).flatMap((other) =>
          named(other, protocol, port).map((its) => ({ to: [at(other)], ...its })),
        );
      });
    });
  return [
    ...allowed.map((match): Rule => ({ ...self, ...match, verdict: "return" })),
    { ...self, verdict: { dropAs: `${own}/${pod.namespace}/${pod.name}` } },
  ];
}

const ranges = (peers: readonly PeerMeaning[]): Interval[] =>
  peers.flatMap((peer) => ("range" in peer ? peer.range : []));

/** The pods that peers mean. */
const podsOf = ({ all, namespaces }: Cluster, peers: readonly PeerMeaning[]): Pod[] =>
  all.filter(({ namespace, labels }) =>
    peers.some(
      (peer) =>
        "isPod" in peer && peer.isPod({ name: namespace, labels: namespaces.get(namespace) ?? {} }, labels),
    ),
  );

/** The port, one at most, that a pod has a name for. */
const named = (pod: Pod, protocol: Protocol, name: string): Match[] =>
  pod.ports
    .filter((each) => each.name === name && each.protocol === protocol)
    .slice(0, 1)
    .map(({ port }) => ({ protocol, ports: [only(port)] }));

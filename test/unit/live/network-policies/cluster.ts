import fc from "fast-check";
import { script } from "../../../../live/network-policies/nft.ts";
import type { Labels, NetworkPolicyObject } from "../../../../live/network-policies/objects.ts";
import type { Pod } from "../../../../live/network-policies/pods.ts";
import { rulesOf } from "../../../../live/network-policies/rules.ts";
import { interpreter, type Packet } from "./interpreter.ts";

/** Pods on two nodes, whose networks are 10.244.1.0/24 and 10.244.2.0/24, and the policies about them. */
export interface World {
  pods: Pod[];
  policies: NetworkPolicyObject[];
  namespaces?: Map<string, Labels>;
}

const networkOf = (address: string) => /^10\.244\.[12]\./.exec(address)?.[0];

/** A namespace's labels as the API server always has them. */
export const named = (...names: string[]): Map<string, Labels> =>
  new Map(names.map((name) => [name, { "kubernetes.io/metadata.name": name }]));

/** What every node does with packets, by the rules that nft is told; by the beginning of its pods' addresses. */
export function nodesOf({ pods, policies, namespaces = named("a", "b") }: World) {
  const nodes = ["10.244.1.", "10.244.2."].map((network) => {
    const own = pods.filter(({ address }) => networkOf(address) === network);
    const cluster = { podNetwork: `${network}0/24`, own, all: pods, namespaces, policies };
    return [network, rulesOf(cluster)] as const;
  });
  return {
    nodes: new Map(nodes.map(([network, { ruleset }]) => [network, interpreter(script(ruleset))])),
    refused: nodes.flatMap(([, { refused }]) => refused),
  };
}

/** Sends a packet over every node that forwards it. Tells `accept`, or the counter of whoever drops it. */
export function send(nodes: Map<string, (packet: Packet) => string>, packet: Packet): string {
  for (const network of new Set([networkOf(packet.from), networkOf(packet.to)])) {
    const outcome = (network && nodes.get(network)?.(packet)) || "accept";
    if (outcome !== "accept") return outcome;
  }
  return "accept";
}

const value = fc.constantFrom("x", "y");
const labels = fc.record({ app: value, tier: value }, { requiredKeys: [] });
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom("app", "tier"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.uniqueArray(value, { minLength: 1 }),
  }),
  fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const podSelector = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
  { requiredKeys: [] },
);
const namespaceSelector = fc.oneof(
  fc.constant({}),
  fc.constantFrom("a", "b").map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
);
const ranges = [
  "10.0.0.0/8",
  "10.244.0.0/16",
  "10.244.1.0/24",
  "10.244.1.2/32",
  "10.250.0.0/24",
  "10.250.0.1/32",
];
const ipBlock = fc.oneof(
  fc.record(
    {
      cidr: fc.constantFrom("0.0.0.0/0", ...ranges),
      except: fc.array(fc.constantFrom(...ranges), { maxLength: 3 }),
    },
    { requiredKeys: ["cidr"] },
  ),
  fc.constant({ cidr: "::/0" }),
);
const peer = fc.oneof(
  podSelector.map((podSelector) => ({ podSelector })),
  namespaceSelector.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector, namespaceSelector }),
  ipBlock.map((ipBlock) => ({ ipBlock })),
);
/** Few numbers, so that packets often meet them, and their edges. */
const number = fc.integer({ min: 79, max: 84 });
const port = fc.record(
  { protocol: fc.constantFrom("TCP", "UDP"), port: number, endPort: fc.integer({ min: 84, max: 86 }) },
  { requiredKeys: ["port"] },
);
const ports = fc.array(fc.oneof(port, fc.record({ protocol: fc.constantFrom("TCP", "UDP") })), {
  maxLength: 3,
});
const rules = (peersAre: "from" | "to") =>
  fc.array(fc.record({ [peersAre]: fc.array(peer, { maxLength: 3 }), ports }, { requiredKeys: [] }), {
    maxLength: 3,
  });
const policy = fc
  .record({
    namespace: fc.constantFrom("a", "b"),
    spec: fc.record(
      {
        podSelector,
        policyTypes: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
        ingress: rules("from"),
        egress: rules("to"),
      },
      { requiredKeys: ["podSelector"] },
    ),
  })
  .map(({ namespace, spec }) => ({ metadata: { name: "policy", namespace }, spec }));

const pod = fc.record({ namespace: fc.constantFrom("a", "b"), labels, node: fc.constantFrom(1, 2) });

/** Any small world. */
export const world: fc.Arbitrary<World> = fc.record({
  pods: fc.array(pod, { minLength: 2, maxLength: 6 }).map((pods) =>
    pods.map(
      ({ namespace, labels, node }, index): Pod => ({
        namespace,
        name: `pod-${index}`,
        labels: labels as Labels,
        address: `10.244.${node}.${index + 2}`,
        ports: [],
      }),
    ),
  ),
  policies: fc.array(policy, { minLength: 1, maxLength: 4 }),
});

/** Who is not a pod: the ground, something outside. */
export const outsiders = ["10.250.0.1", "10.250.0.254", "203.0.113.9"];

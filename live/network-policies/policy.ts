import { type Interval, rangeOf, subtract } from "./intervals.ts";
import type { Labels, NetworkPolicyObject } from "./objects.ts";
import { fields, Refused, type Selects, selector } from "./selectors.ts";

/** What a policy says, as far as it is understood: what is not, allows nothing. */
export interface PolicyMeaning {
  namespace: string;
  /** The pods of its namespace that it isolates. */
  selects: Selects;
  /** What it allows them; undefined where it is not about that direction. */
  ingress?: RuleMeaning[];
  egress?: RuleMeaning[];
}

/** Allows connections with any of the peers, on any of the ports; undefined means all there are. */
export interface RuleMeaning {
  peers?: PeerMeaning[];
  ports?: PortMeaning[];
}

/** Addresses, or whoever is a pod of the kind. */
export type PeerMeaning =
  | { range: Interval[] }
  | { isPod(namespace: { name: string; labels: Labels }, labels: Labels): boolean };

export interface PortMeaning {
  protocol: Protocol;
  /** A number, a range, or what a pod calls one of its ports; undefined means each. */
  port?: Interval | string;
}

export type Protocol = "tcp" | "udp";

interface Spec {
  podSelector?: object;
  policyTypes?: string[];
  ingress?: object[];
  egress?: object[];
}

/**
 * Reads a policy.
 * @param refuse is told of each part that is not understood, which then allows nothing
 */
export function readPolicy(
  { metadata, spec }: NetworkPolicyObject,
  refuse: (what: string) => void,
): PolicyMeaning {
  const namespace = metadata.namespace ?? "default";
  const inWords = (where: string, error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    refuse(`${namespace}/${metadata.name}: ${where}: ${error.message}`);
  };
  const kept = <T>(where: string, values: readonly object[], read: (value: object) => T): T[] =>
    values.flatMap((value, index) => {
      try {
        return [read(value)];
      } catch (error) {
        inWords(`${where}[${index}]`, error);
        return [];
      }
    });

  const rules = (direction: "ingress" | "egress", peersAre: "from" | "to", values: readonly object[] = []) =>
    kept(direction, values, (value) => {
      const rule = fields<Partial<Record<"from" | "to" | "ports", object[] | null>>>(value, [
        peersAre,
        "ports",
      ]);
      const { [peersAre]: others, ports: on } = rule;
      const peers = others?.length
        ? kept(`${direction}.${peersAre}`, others, (each) => peer(each, namespace))
        : undefined;
      const ports = on?.length ? kept(`${direction}.ports`, on, port) : undefined;
      const mayBeNoPod = !peers || peers.some((each) => "range" in each);
      if (direction === "egress" && mayBeNoPod && ports?.some(({ port }) => typeof port === "string")) {
        refuse(`${namespace}/${metadata.name}: ${direction}: a port's name where a peer may be no pod`);
      }
      return { ...(peers && { peers }), ...(ports && { ports }) };
    });

  try {
    const { podSelector, policyTypes, ingress, egress } = fields<Spec>(spec, [
      "podSelector",
      "policyTypes",
      "ingress",
      "egress",
    ]);
    const directions = policyTypes ?? (egress ? ["Ingress", "Egress"] : ["Ingress"]);
    const unknown = directions.filter((each) => each !== "Ingress" && each !== "Egress");
    if (unknown.length > 0) throw new Refused(`unknown policy type ${unknown.join(", ")}`);
    return {
      namespace,
      selects: selector(podSelector ?? {}),
      ...(directions.includes("Ingress") && { ingress: rules("ingress", "from", ingress ?? []) }),
      ...(directions.includes("Egress") && { egress: rules("egress", "to", egress ?? []) }),
    };
  } catch (error) {
    inWords("spec", error);
    // Nobody knows whom it is about, so it is about all.
    return { namespace, selects: () => true, ingress: [], egress: [] };
  }
}

interface Peer {
  podSelector?: object;
  namespaceSelector?: object;
  ipBlock?: object;
}

function peer(value: object, own: string): PeerMeaning {
  const { podSelector, namespaceSelector, ipBlock } = fields<Peer>(value, [
    "podSelector",
    "namespaceSelector",
    "ipBlock",
  ]);
  if (ipBlock) {
    if (podSelector || namespaceSelector) throw new Refused("ipBlock beside a selector");
    return { range: block(ipBlock) };
  }
  if (!podSelector && !namespaceSelector) throw new Refused("a peer that names nobody");
  const pods = selector(podSelector ?? {});
  const namespaces = namespaceSelector && selector(namespaceSelector);
  return {
    isPod: (namespace, labels) =>
      (namespaces ? namespaces(namespace.labels) : namespace.name === own) && pods(labels),
  };
}

/** The addresses of a block. Pods have none of IPv6, so a block of those holds nobody. */
function block(value: object): Interval[] {
  const { cidr, except } = fields<{ cidr: string; except?: string[] }>(value, ["cidr", "except"]);
  try {
    const ranges = (cidrs: readonly string[]) => cidrs.filter((each) => !each.includes(":")).map(rangeOf);
    return subtract(ranges([cidr]), ranges(except ?? []));
  } catch (error) {
    throw new Refused((error as Error).message);
  }
}

interface Port {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

function port(value: object): PortMeaning {
  const { protocol = "TCP", port, endPort } = fields<Port>(value, ["protocol", "port", "endPort"]);
  if (protocol !== "TCP" && protocol !== "UDP") throw new Refused(`protocol ${protocol}`);
  const lower: Protocol = protocol === "TCP" ? "tcp" : "udp";
  if (endPort !== undefined && typeof port !== "number") throw new Refused("endPort without a port's number");
  if (port === undefined) return { protocol: lower };
  return {
    protocol: lower,
    port: typeof port === "number" ? { first: port, last: endPort ?? port } : port,
  };
}

import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { others, ours, ports } from "../../judges/network-policies/actors.ts";
import { allows, type Endpoint, type Port } from "../../judges/network-policies/evaluate.ts";

/** One side of the grid: a name, and what is asked about. */
interface Actor {
  name: string;
  endpoint: Endpoint;
  /** Whether it is a pod of the stack's namespace. */
  own: boolean;
}

/**
 * Why a connection is open: a policy `names` its peer, or lets a range `any` that covers every address, since nobody
 * has said what the peer's is.
 */
export type Reason = "named" | "any";

/** A pair of the grid. */
export interface Cell {
  from: string;
  to: string;
  /** The ports that are open, such as `5432` and `53/udp`; none where all are closed. */
  open: { port: string; reason: Reason }[];
  /** True between two that are both outside: the stack's policies have no say in it. */
  outside: boolean;
}

/** Who opens connections, in the order of the grid's rows. */
export const sources: readonly Actor[] = [
  ...own(),
  ...outside("Traefik", "Prometheus", "operator", "pod elsewhere", "internet"),
];

/** Who is connected to, in the order of the grid's columns. */
export const targets: readonly Actor[] = [
  ...own(),
  ...outside("DNS", "API server", "object store", "internet", "metadata"),
];

function own(): Actor[] {
  return Object.entries(ours).map(([name, endpoint]) => ({ name, endpoint, own: true }));
}

function outside(...names: (keyof typeof others)[]): Actor[] {
  return names.map((name) => ({ name, endpoint: others[name], own: false }));
}

/** Every pair of the grid, as the policies of both ends have it. */
export function cells(policies: readonly Manifest[]): Cell[] {
  const narrow = policies.map(withoutWholeRanges);
  return sources.flatMap((from) =>
    targets.map((to) => ({
      from: from.name,
      to: to.name,
      outside: !from.own && !to.own,
      open: ports
        .filter((port) => allows(policies, from.endpoint, to.endpoint, port))
        .map((port) => ({
          port: portName(port),
          reason: allows(narrow, from.endpoint, to.endpoint, port) ? ("named" as const) : ("any" as const),
        })),
    })),
  );
}

const portName = ({ port, protocol }: Port) => (protocol === "TCP" ? `${port}` : `${port}/udp`);

const wholeRanges = ["0.0.0.0/0", "::/0"];

interface Rule {
  to?: { ipBlock?: { cidr: string } }[];
  from?: { ipBlock?: { cidr: string } }[];
}

/** A policy without the rules whose peers are a whole family of addresses. */
function withoutWholeRanges(policy: Manifest): Manifest {
  const isNamed = ({ to, from }: Rule) =>
    ![...(to ?? []), ...(from ?? [])].some(({ ipBlock }) => ipBlock && wholeRanges.includes(ipBlock.cidr));
  const rules = (some?: Rule[]) => some?.filter(isNamed);
  const { ingress, egress } = policy.spec;
  return { ...policy, spec: { ...policy.spec, ingress: rules(ingress), egress: rules(egress) } };
}

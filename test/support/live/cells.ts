import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import { others, ours, ports } from "../../../judges/network-policies/actors.ts";
import { allows, type Endpoint, type Port } from "../../../judges/network-policies/evaluate.ts";
import { passed, type Verdict } from "./prober.ts";

/** One end of what is tried, by a name for a report. */
export interface End extends Endpoint {
  name: string;
}

/** One thing that is tried: a connection from one end to a port of another. */
export interface Cell {
  from: End;
  to: End;
  port: Port;
  /** What the judge of the policies says. */
  expected: "open" | "closed";
  /** What became of the packets; undefined until they were sent. */
  verdict?: Verdict;
}

/** Labels that policies do not ask for, and that would have a pod taken for a workload's own. */
const volatile = [
  // With it, the ReplicaSet would take the pod for one too many, and delete it.
  "pod-template-hash",
  // By these, Services and the operator tell one instance of a database from the others.
  "cnpg.io/instanceName",
  "cnpg.io/instanceRole",
  "batch.kubernetes.io/job-name",
];

/** The kinds of pods that there are, in and around the stack, by name: those that the judge's tables have. */
export function kinds(
  namespaces: readonly string[],
): { name: string; namespace: string; labels: Record<string, string> }[] {
  return Object.entries<Endpoint>({ ...ours, ...others }).flatMap(([name, { pod }]) => {
    if (!pod || !namespaces.includes(pod.namespace)) return [];
    const labels = Object.entries(pod.labels).filter(([label]) => !volatile.includes(label));
    return [{ name, namespace: pod.namespace, labels: Object.fromEntries(labels) }];
  });
}

/** The ports that every kind of pod is tried on. */
export const everyPort: readonly Port[] = ports;

/** As a prober listens on it: `8080`, `53/udp`. */
export const portText = ({ port, protocol }: Port): string =>
  protocol === "UDP" ? `${port}/udp` : `${port}`;

/** As a prober is asked to try it. */
export const target = ({ to, port }: Cell): string => `${to.address}:${portText(port)}`;

/** What an end is tried on. */
export interface Tried {
  end: End;
  ports: readonly Port[];
}

/** Everything that the sources try, with what the policies say of it. Nobody tries itself: that always passes. */
export function cells(
  policies: readonly Manifest[],
  sources: readonly End[],
  targets: readonly Tried[],
): Cell[] {
  return sources.flatMap((from) =>
    targets
      .filter(({ end }) => end.address !== from.address)
      .flatMap(({ end: to, ports }) =>
        ports.map(
          (port): Cell => ({
            from,
            to,
            port,
            expected: allows(policies, from, to, port) ? "open" : "closed",
          }),
        ),
      ),
  );
}

/**
 * The cells where the packets did otherwise than the policies say. What they close is silent, as packets are dropped; an
 * error tells nothing of them, and neither does what was not tried, so that is a difference whatever they say.
 */
export const differences = (among: readonly Cell[]): Cell[] =>
  among.filter(({ expected, verdict }) => (expected === "open" ? !passed(verdict) : verdict !== "silent"));

/** A cell in words. */
export const described = (cell: Cell): string =>
  `${cell.from.name} → ${cell.to.name} ${portText(cell.port)}: ${cell.verdict ?? "not tried"}, though ${cell.expected} by the policies`;

/** What got through, as a Markdown table: a row for each source, a column for each target, open ports in it. */
export function table(among: readonly Cell[]): string {
  const names = (end: "from" | "to") => [...new Set(among.map((cell) => cell[end].name))];
  const columns = names("to");
  const rows = names("from").map((from) => [
    from,
    ...columns.map((to) => {
      const tried = among.filter((cell) => cell.from.name === from && cell.to.name === to);
      if (tried.length === 0) return "";
      const open = tried.filter(({ verdict }) => passed(verdict)).map(({ port }) => portText(port));
      return open.length === tried.length ? "all" : open.join(" ") || "–";
    }),
  ]);
  const line = (row: string[]) => `| ${row.join(" | ")} |`;
  const header = ["from ↓ to →", ...columns];
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

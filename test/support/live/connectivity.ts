import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../../components/kubernetes/manifest.ts";
import type { Port } from "../../../judges/network-policies/evaluate.ts";
import { groundAddress } from "../../../live/addresses.ts";
import { reachProgram } from "../../../live/images/reach.ts";
import { enteringGround } from "../../../live/nodes/index.ts";
import type { LivePaths } from "../../../live/paths.ts";
import { run } from "../../../live/run.ts";
import { type Cell, cells, differences, type End, everyPort, kinds, portText, type Tried } from "./cells.ts";
import { proberPod, tryCommand, verdicts } from "./prober.ts";
import { tryAll } from "./trying.ts";

/** Something outside the cluster. */
export interface Outside {
  name: string;
  address: string;
  ports: readonly Port[];
}

const tcp = (...ports: number[]): Port[] => ports.map((port) => ({ port, protocol: "TCP" }));

/** What is outside the cluster and is tried unless told otherwise. */
export const outside: readonly Outside[] = [
  {
    name: "ground",
    address: groundAddress,
    ports: [...tcp(53, 80, 443, 5432, 6443, 8080, 9000), { port: 53, protocol: "UDP" }],
  },
  { name: "internet", address: "198.51.100.1", ports: tcp(80, 443, 9000) },
  { name: "metadata", address: "169.254.169.254", ports: tcp(80, 443) },
];

export interface MatrixOptions {
  paths: LivePaths;
  /** What is outside the cluster. Whose address nobody has gets it from the ground meanwhile, so that it answers. */
  outside?: readonly Outside[];
}

/** Who reaches whom, as real packets found it. */
export interface Matrix {
  cells: Cell[];
  /** Where the packets did otherwise than the cluster's policies say; `described` tells one in words. */
  differences: Cell[];
}

/** The port on which a node's kubelet answers. */
const kubelet = 10250;
/** How many sources try at once. */
const atOnce = 3;

/**
 * Tries who reaches whom in a running cluster, and compares it with what the judge makes of the policies that are in
 * the cluster. From pods that last as long as it does, one for each kind of pod in and around the stack, and from the
 * ground; to each other, to the pods that run, and to what is outside.
 *
 * The pods have the labels by which policies know their kind, and so the labels by which some Services would: a
 * readiness gate that nobody opens keeps them out of those. Meanwhile a disruption budget that selects them lets
 * nobody be evicted, and an autoscaler sees a pod more, which is not ready. The nodes need the image of
 * live/images/reach.ts.
 * @throws Error when a prober does not start, or does not reach the node that it runs on, which no policy can forbid
 */
export async function matrix({ paths, outside: there = outside }: MatrixOptions): Promise<Matrix> {
  const inside = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, command);
    return run(file, args, { env });
  };
  const get = async <T>(...what: string[]) =>
    (JSON.parse(await inside("kubectl", "get", ...what, "--output=json")) as { items: T[] }).items;

  const namespaces = (await get<Manifest>("namespaces")).map(({ metadata }) => metadata.name);
  const probers = kinds(namespaces).map((kind, index) => ({ ...kind, pod: `reach-${index + 1}` }));
  const nodes = (await get<Manifest>("nodes")).map(({ metadata }) => metadata.name);
  const folder = await mkdtemp(join(tmpdir(), "connectivity-"));
  const file = join(folder, "probers.json");
  const items = probers.map(({ pod, namespace, labels }, index) =>
    proberPod({
      // An instance of the database lets no other one beside it, and a prober has the labels of one.
      node: nodes[index % nodes.length],
      name: pod,
      namespace,
      labels,
      listens: everyPort.map(portText),
      readinessGates: [{ conditionType: "test/never" }],
    }),
  );
  const remove = () => inside("kubectl", "delete", "--filename", file, "--ignore-not-found", "--wait");
  const lent: string[] = [];
  try {
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await remove();
    for (const { address } of there) {
      // What has the address already answers for itself.
      if ((await inside("ip", "-brief", "address")).includes(` ${address}/`)) continue;
      await inside("ip", "address", "add", `${address}/32`, "dev", "lo");
      lent.push(address);
    }
    // The API server judges them; for a judgement of its own, kubectl would fetch the schema of every kind first.
    await inside("kubectl", "create", "--validate=ignore", "--filename", file);
    for (const { pod, namespace } of probers) {
      const running = ["--for=jsonpath={.status.phase}=Running", "--timeout=60s"];
      await inside("kubectl", "wait", `pod/${pod}`, `--namespace=${namespace}`, ...running);
    }

    const pods = (await get<PodSeen>("pods", "--all-namespaces")).filter(
      ({ spec, status }) => status.phase === "Running" && status.podIP && !spec.hostNetwork,
    );
    const end = ({ metadata, status }: PodSeen, name: string): End => ({
      name,
      address: status.podIP as string,
      pod: { namespace: metadata.namespace, labels: metadata.labels ?? {} },
    });
    const proberOf = ({ metadata }: PodSeen) =>
      probers.find(({ pod, namespace }) => pod === metadata.name && namespace === metadata.namespace);
    const sources = pods.flatMap((seen) => {
      const prober = proberOf(seen);
      return prober
        ? [{ ...prober, end: end(seen, prober.name), node: `${seen.status.hostIP}:${kubelet}` }]
        : [];
    });
    const real = pods.filter((seen) => !proberOf(seen));
    const targets: Tried[] = [
      ...sources.map((source) => ({ end: source.end, ports: everyPort })),
      // Nobody there answers to datagrams but by chance; a port where nobody listens does refuse a connection.
      ...real.map((seen) => ({
        end: end(seen, `${seen.metadata.namespace}/${seen.metadata.name}`),
        ports: everyPort.filter(({ protocol }) => protocol === "TCP"),
      })),
      ...there.map(({ name, address, ports }) => ({ end: { name, address }, ports })),
    ];
    const policies = await get<Manifest>("networkpolicies", "--all-namespaces");
    const reach = await reachProgram();
    const ground: End = { name: "from the ground", address: groundAddress };
    const inPods = targets.filter(({ end }) => end.pod);
    const all = [
      ...cells(
        policies,
        sources.map(({ end }) => end),
        targets,
      ),
      ...cells(policies, [ground], inPods),
    ];
    const waiting = [
      ...sources.map(({ end, pod, namespace, node }) => ({
        from: end,
        always: [node],
        command: ["kubectl", "exec", pod, `--namespace=${namespace}`, "--", "/reach"],
      })),
      { from: ground, always: [], command: [reach] },
    ];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { from, always, command } = next;
        await tryAll({
          name: from.name,
          cells: all.filter((cell) => cell.from === from),
          always,
          tell: async (wanted) => verdicts(await inside(...command, ...tryCommand(wanted).slice(1))),
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return { cells: all, differences: differences(all) };
  } finally {
    await remove();
    for (const address of lent) await inside("ip", "address", "delete", `${address}/32`, "dev", "lo");
    await rm(folder, { recursive: true, force: true });
  }
}

interface PodSeen {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  spec: { hostNetwork?: boolean };
  status: { phase?: string; podIP?: string; hostIP?: string };
}

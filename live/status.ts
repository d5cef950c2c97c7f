import { shown } from "../embedded/local/paths.ts";
import type { Screen } from "../embedded/local/terminal/screen.ts";
import { table } from "../embedded/local/terminal/table.ts";
import { ground, kubectl } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";

/** A node of the cluster. */
export interface NodeStatus {
  name: string;
  ready: boolean;
  address: string;
  zone: string;
  version: string;
  runtime: string;
}

/** What runs. */
export interface LiveStatus {
  nodes: NodeStatus[];
}

/** Asks the cluster; undefined when none runs. */
export async function readStatus(paths: LivePaths): Promise<LiveStatus | undefined> {
  const namespaces = await ground(paths);
  if (!namespaces) return undefined;
  const { items } = JSON.parse(await kubectl(paths, namespaces, ["get", "nodes", "-o", "json"])) as NodeList;
  return {
    nodes: items.map(({ metadata, status }) => ({
      name: metadata.name,
      ready: status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
      address: status.addresses.find(({ type }) => type === "InternalIP")?.address ?? "",
      zone: metadata.labels["topology.kubernetes.io/zone"] ?? "",
      version: status.nodeInfo.kubeletVersion,
      runtime: status.nodeInfo.containerRuntimeVersion,
    })),
  };
}

/** The same for a person. */
export function statusLines(
  status: LiveStatus | undefined,
  paths: LivePaths,
  colours: Screen["colours"],
): string[] {
  if (!status) return ["no nodes run here; `npm run live` brings them up"];
  const rows = status.nodes.map(({ name, ready, address, zone, version, runtime }) => [
    name,
    ready ? colours.green("ready") : colours.red("not ready"),
    address,
    zone,
    version,
    runtime,
  ]);
  return [
    ...table(rows, 0),
    "",
    "real:     control plane, kubelet, kube-proxy, containerd, runc, CoreDNS, metrics-server, CloudNativePG; pods run",
    "ours:     the volumes (a folder on the node), and what enforces NetworkPolicies (nftables)",
    `look:     npm run -s live -- enter -- kubectl get pods -A`,
    `logs:     ${shown(paths.logs)}`,
    "end:      npm run live -- down",
  ];
}

interface NodeList {
  items: {
    metadata: { name: string; labels: Record<string, string> };
    status: {
      conditions: { type: string; status: string }[];
      addresses: { type: string; address: string }[];
      nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string };
    };
  }[];
}

import { shown } from "../embedded/local/paths.ts";
import type { Screen } from "../embedded/local/terminal/screen.ts";
import { table } from "../embedded/local/terminal/table.ts";
import { ground, kubectl } from "./nodes/index.ts";
import type { LivePaths } from "./paths.ts";
import { type LastUp, lastUp } from "./remembered.ts";

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
  /** What the last `up` brought onto them. */
  last?: LastUp;
}

/** Asks the cluster; undefined when none runs. */
export async function readStatus(paths: LivePaths): Promise<LiveStatus | undefined> {
  const namespaces = await ground(paths);
  if (!namespaces) return undefined;
  const { items } = JSON.parse(await kubectl(paths, namespaces, ["get", "nodes", "-o", "json"])) as NodeList;
  return {
    last: await lastUp(paths),
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
    ...realAndNot(status.last),
    "",
    "look:     npm run -s live -- enter -- kubectl get pods -A",
    `          npm run -s live -- enter -- npx atticctl -C ${shown(paths.project)} status`,
    `stack:    ${shown(paths.project)}; after a change there: npm run live`,
    `logs:     ${shown(paths.logs)}`,
    "end:      npm run live -- down",
  ];
}

/** What is real here, and what stands in for something. */
function realAndNot(last: LastUp | undefined): string[] {
  const rows = [
    ["nodes", "control plane, kubelet, kube-proxy, containerd, runc, CoreDNS, metrics-server: real"],
    ["volumes", "ours: a disk of the claim's size on the node"],
    ["NetworkPolicies", "enforced by a stand-in of ours for a policy engine, with nftables"],
    ["object store", "Versity S3 Gateway, outside the cluster, over plain HTTP"],
    ["PostgreSQL", "the distribution's, real"],
    ...(last ? [["Attic", last.attic], ...last.parts.map(({ name, is }) => [name, is])] : []),
  ];
  return table(rows, 0);
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

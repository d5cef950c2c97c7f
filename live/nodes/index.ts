import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { isAlive } from "../../embedded/control-plane/process.ts";
import { lastLines } from "../../embedded/control-plane/state.ts";
import { ToolchainError } from "../../embedded/toolchain/index.ts";
import { groundAddress, type NodeName, nodeNetwork, nodeOf, outsideAddress } from "../addresses.ts";
import { copyTemplate, ensureTemplate } from "../images/template.ts";
import type { Packages } from "../packages.ts";
import type { LivePaths } from "../paths.ts";
import { run } from "../run.ts";
import { removeCgroups } from "./cgroups.ts";
import { corefileOf } from "./dns.ts";
import { kubeProxy, nodeFiles } from "./files.ts";
import { prepareHost, restoreHost } from "./host.ts";
import { end, isUp, make, markUp, type Namespaces, remembered } from "./namespaces.ts";

/** The programs that nodes are made of. */
export interface NodePrograms extends Packages {
  /** The control plane in one binary. */
  controlPlane: string;
  /** kubelet and kube-proxy in one binary. */
  node: string;
  coredns: string;
}

const bits = nodeNetwork.split("/")[1] as string;
const groundFile = (paths: LivePaths) => join(paths.run, "ground.json");
const nodeFile = (paths: LivePaths, { name }: NodeName) => join(paths.run, `${name}.json`);
const script = (name: string) => join(import.meta.dirname, name);

/** The ground's namespaces, while they live. */
export const ground = (paths: LivePaths): Promise<Namespaces | undefined> => remembered(groundFile(paths));

/** Whether the ground is there and was brought up to its end. */
export const groundIsUp = (paths: LivePaths): Promise<boolean> => isUp(groundFile(paths));

/** A node's namespaces, while they live. */
export const nodeNamespaces = (paths: LivePaths, node: NodeName): Promise<Namespaces | undefined> =>
  remembered(nodeFile(paths, node));

/** Whether a node is there and was brought up to its end. */
export const nodeIsUp = (paths: LivePaths, node: NodeName): Promise<boolean> => isUp(nodeFile(paths, node));

/** As many nodes as the ground has certificates and routes for. */
export const mostNodes = 9;
const all = Array.from({ length: mostNodes }, (_, index) => nodeOf(index + 1));

/**
 * Brings up the ground: the network, the control plane, DNS, and what makes volumes. What an interrupted start left of it
 * is ended first.
 * @throws Error with the end of a log when something of it does not start
 */
export async function startGround(paths: LivePaths, programs: NodePrograms): Promise<Namespaces> {
  await stopNamespaces(paths);
  await prepareHost(paths);
  const kubeProxyConfig = join(paths.root, "kube-proxy.yaml");
  const corefile = join(paths.root, "Corefile");
  await mkdir(paths.logs, { recursive: true });
  await writeFile(kubeProxyConfig, stringify(kubeProxy(groundAddress, paths)));
  await writeFile(resolvConf(paths), `nameserver ${groundAddress}\n`);
  await writeFile(corefile, corefileOf(join(paths.controlPlane, "kubeconfig")));
  const namespaces = await make({
    script: script("ground.sh"),
    log: join(paths.logs, "ground.log"),
    file: groundFile(paths),
    env: {
      ADDRESS: groundAddress,
      OUTSIDE: outsideAddress,
      NETWORK_BITS: bits,
      NODES: all.map(({ number, address, podNetwork }) => `${number}:${address}:${podNetwork}`).join(" "),
      KUBELETS: all.map(({ name, address }) => `${name}=${address}`).join(","),
      CONTROL_PLANE: programs.controlPlane,
      STATE: paths.controlPlane,
      FIRST_NODE: nodeOf(1).name,
      NODE: programs.node,
      KUBE_PROXY_CONFIG: kubeProxyConfig,
      COREDNS: programs.coredns,
      COREFILE: corefile,
      VOLUMES: script("../volumes/main.ts"),
      VOLUMES_FOLDER: paths.volumes,
      NODE_JS: process.execPath,
      LOGS: paths.logs,
      TOOLS: programs.path,
      LD_LIBRARY_PATH: programs.libraries,
    },
  });
  await until(namespaces, join(paths.logs, "ground.log"), "the control plane", 180, () =>
    kubectl(paths, namespaces, ["get", "--raw", "/readyz"]).then(() => true),
  );
  await markUp(groundFile(paths), namespaces);
  return namespaces;
}

/**
 * Adds a node and waits until it is ready. What an interrupted start left of it is ended first.
 * @throws Error with the end of its log when it does not become ready within two minutes
 */
export async function startNode(paths: LivePaths, programs: NodePrograms, number: number): Promise<void> {
  const node = nodeOf(number);
  // Heartbeats tell whole seconds.
  const begun = Math.floor(Date.now() / 1000) * 1000;
  const below = await ground(paths);
  if (!below) throw new Error("the ground is not there");
  await killNode(paths, number);
  const directory = paths.node(node.name);
  const places = {
    directory,
    controlPlane: paths.controlPlane,
    cgroups: paths.cgroups,
    cniPlugins: programs.cniPlugins,
  };
  for (const [name, text] of Object.entries(nodeFiles(node, places))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  await ensureTemplate(paths, programs);
  await copyTemplate(paths, directory);
  const log = join(paths.logs, `${node.name}.log`);
  const namespaces = await make({
    script: script("node.sh"),
    within: below,
    log,
    file: nodeFile(paths, node),
    env: {
      NAME: node.name,
      ADDRESS: node.address,
      NETWORK_BITS: bits,
      GATEWAY: groundAddress,
      ZONE: node.zone,
      ROUTES: all
        .filter((other) => other.number !== number)
        .map((other) => `${other.podNetwork}:${other.address}`)
        .join(" "),
      CGROUP: `${paths.cgroups}/${node.name}`,
      DIRECTORY: directory,
      KUBECONFIG: join(paths.controlPlane, "pki", `kubelet-${node.name}.kubeconfig`),
      NODE: programs.node,
      NODE_JS: process.execPath,
      POLICIES: script("../network-policies/main.ts"),
      // A node's own kubeconfig may not read policies, nor pods of other nodes.
      POLICIES_KUBECONFIG: join(paths.controlPlane, "kubeconfig"),
      POD_NETWORK: node.podNetwork,
      LOGS: paths.logs,
      TOOLS: programs.path,
      LD_LIBRARY_PATH: programs.libraries,
    },
  });
  await connect(below, `n${number}`, namespaces);
  // What the API server remembers of a node that was killed says that it is ready.
  await until(namespaces, log, `node ${node.name}`, 120, async () => {
    const said = JSON.parse(
      await kubectl(paths, below, ["get", "node", node.name, "-o", "json"]),
    ) as NodeObject;
    const ready = said.status.conditions.find(({ type }) => type === "Ready");
    return ready?.status === "True" && Date.parse(ready.lastHeartbeatTime) >= begun;
  });
  await markUp(nodeFile(paths, node), namespaces);
}

/** Puts a cable between the switch on the ground and a node. */
async function connect(below: Namespaces, link: string, node: Namespaces): Promise<void> {
  // The cable of a node that was killed goes with its namespaces, but some time after its processes.
  await inGround(below, ["ip", "link", "delete", link]).catch(() => {});
  const cable = ["ip", "link", "add", link, "type", "veth"];
  await inGround(below, [...cable, "peer", "name", "eth0", "netns", String(node.pid)]);
  await inGround(below, ["ip", "link", "set", link, "master", "ground0", "up"]);
}

/** Ends a node as if its power had failed. What runs on it is gone; the cluster has to find out. */
export async function killNode(paths: LivePaths, number: number): Promise<void> {
  const node = nodeOf(number);
  const namespaces = await nodeNamespaces(paths, node);
  if (namespaces) await end(namespaces, nodeFile(paths, node));
  await removeCgroups(paths, node.name);
}

/** Takes everything away: nodes, ground, cgroups, changed settings of the machine. */
export async function stopAll(paths: LivePaths): Promise<boolean> {
  const were = await stopNamespaces(paths);
  await removeCgroups(paths);
  await restoreHost(paths);
  return were;
}

/** Ends the ground, and with it the nodes, which are nested in it. */
async function stopNamespaces(paths: LivePaths): Promise<boolean> {
  const namespaces = await ground(paths);
  if (namespaces) await end(namespaces, groundFile(paths));
  return namespaces !== undefined;
}

/** Runs a program in the ground's network, with this machine's files and processes around it. */
const inGround = (namespaces: Namespaces, command: readonly string[], env = process.env) =>
  run("nsenter", [...entering(namespaces), "--", ...command], { env });

const entering = ({ pid }: Namespaces) => [`--target=${pid}`, "--net"];

/** What a cluster's user has in the environment. */
const userEnvironment = (paths: LivePaths): NodeJS.ProcessEnv => ({
  ...process.env,
  KUBECONFIG: join(paths.controlPlane, "kubeconfig"),
  PATH: `${join(paths.controlPlane, "bin")}:${process.env.PATH ?? ""}`,
});

/** What kubectl prints, asked from the ground. */
export const kubectl = (paths: LivePaths, namespaces: Namespaces, args: readonly string[]): Promise<string> =>
  inGround(namespaces, [join(paths.controlPlane, "bin/kubectl"), ...args], userEnvironment(paths));

/** The names that programs on the ground know: the cluster's. */
const resolvConf = (paths: LivePaths) => join(paths.root, "resolv.conf");

/**
 * How a program is started in the ground's network, as the cluster's user. Names are asked of the cluster's DNS; of
 * the machine it has all but that.
 * @throws ToolchainError when nothing runs
 */
export async function enteringGround(
  paths: LivePaths,
  command: readonly string[],
): Promise<{ file: string; args: string[]; env: NodeJS.ProcessEnv }> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new ToolchainError("no nodes run here", "`npm run live` brings them up");
  const named = ["sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolvConf(paths)];
  return {
    file: "nsenter",
    args: [
      ...entering(namespaces),
      "--",
      "unshare",
      "--mount",
      "--propagation=private",
      ...named,
      ...command,
    ],
    env: userEnvironment(paths),
  };
}

/** A node, as far as it matters. */
interface NodeObject {
  status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] };
}

async function until(
  namespaces: Namespaces,
  log: string,
  what: string,
  seconds: number,
  check: () => Promise<boolean>,
): Promise<void> {
  let last = "";
  for (const over = performance.now() + seconds * 1000; performance.now() < over; await sleep(100)) {
    if (!(await isAlive(namespaces))) throw new Error(`${what} ended:\n${await lastLines(log, 10)}`);
    try {
      if (await check()) return;
    } catch (error) {
      last = (error as Error).message;
    }
  }
  throw new Error(`${what} was not ready within ${seconds} s: ${last}\n${await lastLines(log, 10)}`);
}

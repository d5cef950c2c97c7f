import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { restrictedNamespace } from "../../components/kubernetes/namespace.ts";
import { networkPolicies } from "../../components/network/policies.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import { groundAddress, nodeOf, outsideAddress } from "../../live/addresses.ts";
import { down } from "../../live/down.ts";
import { ensureImages } from "../../live/images/index.ts";
import { reachImage } from "../../live/images/reach.ts";
import { unknownPod } from "../../live/network-policies/rules.ts";
import { enteringGround, nodeNamespaces, startGround, startNode } from "../../live/nodes/index.ts";
import { type LivePaths, livePaths } from "../../live/paths.ts";
import { ensurePrograms, type Programs } from "../../live/programs.ts";
import { run } from "../../live/run.ts";
import { described } from "../support/live/cells.ts";
import { matrix, outside } from "../support/live/connectivity.ts";
import { type Prober, proberPod, tryCommand, verdicts } from "../support/live/prober.ts";
import { clusterStack } from "../unit/components/network/actors.ts";
import { missing } from "./missing.ts";

const namespace = "shop";
/** The stack as it would be here: DNS, the API server and the object store are outside the cluster. */
const stack = clusterStack(
  {
    dns: { addresses: [`${groundAddress}/32`] },
    apiServer: [`${groundAddress}/32`],
    objectStore: [`${outsideAddress}/32`],
  },
  { endpoint: `http://${outsideAddress}:9000` },
);

/** With real packets, and as a judge the packets alone: the rules themselves are compared in the unit tests. */
describe.skipIf(missing)("policies of the network, on real nodes", () => {
  let root: string;
  let paths: LivePaths;
  let programs: Programs;

  const kubectl = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, ["kubectl", ...command]);
    return (await run(file, args, { env })).trim();
  };
  const apply = async (...objects: object[]) => {
    const file = join(root, "objects.json");
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    await kubectl("apply", "-f", file);
  };
  const start = async (...probers: Omit<Prober, "namespace">[]) => {
    await apply(...probers.map((prober) => proberPod({ namespace, ...prober })));
    const pods = probers.map(({ name }) => `pod/${name}`);
    await kubectl("wait", `--namespace=${namespace}`, "--for=condition=Ready", "--timeout=90s", ...pods);
  };
  const address = (pod: string) =>
    kubectl("get", "pod", pod, `--namespace=${namespace}`, "-o", "jsonpath={.status.podIP}");
  const tries = async (pod: string, ...targets: string[]) => {
    const command = tryCommand(targets);
    const said = verdicts(await kubectl("exec", pod, `--namespace=${namespace}`, "--", ...command));
    return targets.map((target) => said[target]);
  };
  /** Has a pod connect and keep the connection busy for some seconds. Returns who tells how that ended. */
  const holding = async (pod: string, target: string) => {
    const command = [
      "kubectl",
      "exec",
      pod,
      `--namespace=${namespace}`,
      "--",
      "/reach",
      "hold",
      target,
      "6s",
    ];
    const { file, args, env } = await enteringGround(paths, command);
    const { stdout } = spawn(file, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface(stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("connected");
    return async () => (await lines.next()).value;
  };
  /** Tries until it is as expected: a node learns of a change a moment after it is made. */
  const eventually = async (pod: string, targets: Record<string, string>) => {
    let found: Record<string, string | undefined> = {};
    for (let i = 0; i < 20; i++) {
      const said = await tries(pod, ...Object.keys(targets));
      found = Object.fromEntries(Object.keys(targets).map((target, at) => [target, said[at]]));
      if (JSON.stringify(found) === JSON.stringify(targets)) break;
      await sleep(300);
    }
    expect(found, pod).toEqual(targets);
  };
  const policy = (name: string, spec: object) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  });
  /** The packets that a node has counted, by counter. */
  const counters = async (number: number): Promise<Record<string, number>> => {
    const node = await nodeNamespaces(paths, nodeOf(number));
    const env = {
      PATH: `${programs.path}:${process.env.PATH}`,
      LD_LIBRARY_PATH: programs.libraries,
    };
    const said = await run("nsenter", [`--target=${node?.pid}`, "--net", "nft", "-j", "list", "counters"], {
      env,
    });
    const { nftables } = JSON.parse(said) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    return Object.fromEntries(
      nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
    );
  };

  /** By the pods' names, `HOST:PORT`. */
  let at: Record<"server" | "neighbour" | "far", string>;

  beforeAll(async () => {
    root = mkdtempSync(join(inject("liveParent"), "policies-"));
    paths = livePaths(join(root, "live"));
    const { listener, end } = renderProgress();
    programs = await ensurePrograms(listener).finally(end);
    await ensureImages(paths, programs, [await reachImage()]);
    await startGround(paths, programs);
    await Promise.all([1, 2].map((number) => startNode(paths, programs, number)));
    await apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    const answers = { listens: ["80", "8080", "53/udp"] };
    await start(
      {
        name: "server",
        labels: { app: "server" },
        node: "live-1",
        ...answers,
        container: {
          ports: [{ name: "web", containerPort: 8080 }],
          readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 },
        },
      },
      { name: "neighbour", labels: { app: "neighbour" }, node: "live-1", ...answers },
      { name: "far", labels: { app: "far" }, node: "live-2", ...answers },
    );
    const [server, neighbour, far] = await Promise.all(["server", "neighbour", "far"].map(address));
    at = { server, neighbour, far } as typeof at;
  });
  afterAll(async () => {
    console.log(await readFile(join(paths.logs, "network-policies-live-1.log"), "utf8").catch(() => ""));
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  test("let everything pass where there is none, on one node and between two", async () => {
    for (const pod of ["neighbour", "far"]) {
      expect(
        await tries(
          pod,
          `${at.server}:80`,
          `${at.server}:81`,
          `${at.server}:53/udp`,
          `${groundAddress}:6443`,
        ),
      ).toEqual(["open", "refused", "open", "open"]);
    }
  });

  test("have every pod denied everything, both ways, and count whom; but not the node, a pod from itself, or what is connected", async () => {
    const held = await Promise.all(["neighbour", "far"].map((pod) => holding(pod, `${at.server}:8080`)));
    await apply(policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }));
    for (const pod of ["neighbour", "far"]) {
      await eventually(pod, {
        [`${at.server}:80`]: "silent",
        [`${at.server}:81`]: "silent",
        [`${at.server}:53/udp`]: "silent",
        [`${groundAddress}:6443`]: "silent",
        [`${groundAddress}:53`]: "silent",
      });
    }
    // What was connected before goes on.
    expect(await Promise.all(held.map((end) => end()))).toEqual(["held", "held"]);
    expect(await tries("server", `${at.server}:80`)).toEqual(["open"]);
    const counted = await counters(1);
    expect(counted[`from/${namespace}/neighbour`]).toBeGreaterThan(0);
    expect(counted[`to/${namespace}/server`] ?? 0).toBe(0);
    expect((await counters(2))[`from/${namespace}/far`]).toBeGreaterThan(0);

    // A probe that fails once makes the pod unready; several were asked meanwhile.
    await sleep(3000);
    const ready = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
    expect(await kubectl("get", "pod", "server", `--namespace=${namespace}`, "-o", ready)).toBe("True");
    // A log is asked of the node, and not of the pod.
    await kubectl("logs", "server", `--namespace=${namespace}`);
  });

  test("are counted where they bite: at the one who is asked, when only that one is closed", async () => {
    await apply(
      policy("out", { podSelector: { matchLabels: { app: "far" } }, egress: [{}], policyTypes: ["Egress"] }),
    );
    await eventually("far", { [`${groundAddress}:6443`]: "open", [`${at.server}:80`]: "silent" });
    expect((await counters(1))[`to/${namespace}/server`]).toBeGreaterThan(0);
    await kubectl("delete", "networkpolicy", "out", `--namespace=${namespace}`);
  });

  test("let pass whom they name, on the ports that they name, by number, range and name", async () => {
    const clients = {
      podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["neighbour", "far"] }] },
    };
    const ports = [{ port: "web" }, { port: 53, protocol: "UDP" }];
    const server = { podSelector: { matchLabels: { app: "server" } } };
    await apply(
      policy("server", { ...server, policyTypes: ["Ingress"], ingress: [{ from: [clients], ports }] }),
      policy("clients", {
        ...clients,
        policyTypes: ["Egress"],
        egress: [
          {
            to: [server],
            ports: [
              { port: 8000, endPort: 9000 },
              { port: 53, protocol: "UDP" },
            ],
          },
        ],
      }),
    );
    for (const pod of ["neighbour", "far"]) {
      await eventually(pod, {
        [`${at.server}:8080`]: "open",
        [`${at.server}:53/udp`]: "open",
        [`${at.server}:80`]: "silent",
        [`${at.server}:53`]: "silent",
        [`${groundAddress}:6443`]: "silent",
      });
    }
    expect(await tries("neighbour", `${at.far}:8080`)).toEqual(["silent"]);
    expect(await tries("server", `${at.far}:8080`)).toEqual(["silent"]);
  });

  test("let through to a Service whoever may go to its pods: they are asked about those", async () => {
    await apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "server", namespace },
      spec: {
        selector: { app: "server" },
        ports: [
          { name: "a", port: 80, targetPort: 8080 },
          { name: "b", port: 81, targetPort: 80 },
        ],
      },
    });
    const service = await kubectl(
      "get",
      "service",
      "server",
      `--namespace=${namespace}`,
      "-o",
      "jsonpath={.spec.clusterIP}",
    );
    for (const pod of ["neighbour", "far"]) {
      await eventually(pod, { [`${service}:80`]: "open", [`${service}:81`]: "silent" });
    }
    // Itself, by its own Service.
    await eventually("server", { [`${service}:80`]: "open", [`${service}:81`]: "open" });
  });

  test("let a pod that comes later in by its labels, as soon as it runs", async () => {
    for (const [name, node] of [
      ["later-here", "live-1"],
      ["later-there", "live-2"],
    ] as const) {
      await start({ name, node, labels: { app: "neighbour" }, listens: ["80"] });
      await eventually(name, { [`${at.server}:8080`]: "open", [`${at.server}:80`]: "silent" });
    }
  });

  test("let pods out to ranges of addresses, and not to what is cut out of them", async () => {
    await apply(
      policy("range", {
        podSelector: { matchLabels: { app: "far" } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.250.0.0/24", except: [`${outsideAddress}/32`] } }],
            ports: [{ port: 6443 }, { port: 53, protocol: "UDP" }],
          },
        ],
      }),
    );
    await eventually("far", {
      [`${groundAddress}:6443`]: "open",
      [`${groundAddress}:6444`]: "silent",
      [`${outsideAddress}:6443`]: "silent",
    });
    const cut = policy("range", {
      podSelector: { matchLabels: { app: "far" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: `${outsideAddress}/32` } }] }],
    });
    await apply(cut);
    await eventually("far", { [`${outsideAddress}:6444`]: "refused", [`${groundAddress}:6443`]: "silent" });
  });

  test("deny what they do not know, and say so", async () => {
    await apply(
      policy("strange", {
        podSelector: { matchLabels: { app: "neighbour" } },
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 6443, protocol: "SCTP" }] }],
      }),
    );
    for (const number of [1, 2]) {
      const log = () => readFile(join(paths.logs, `network-policies-live-${number}.log`), "utf8");
      for (let i = 0; i < 50 && !(await log()).includes("SCTP"); i++) await sleep(100);
      expect(await log()).toContain(
        `not understood, so denied: ${namespace}/strange: egress.ports[0]: protocol SCTP`,
      );
    }
    expect(await tries("neighbour", `${groundAddress}:6443`)).toEqual(["silent"]);
  });

  test("open again when they are deleted", async () => {
    await kubectl("delete", "networkpolicy", "--all", `--namespace=${namespace}`);
    for (const pod of ["neighbour", "far"]) {
      await eventually(pod, {
        [`${at.server}:80`]: "open",
        [`${at.far}:80`]: "open",
        [`${groundAddress}:6443`]: "open",
      });
    }
  });

  test("are in place before a pod's program runs: its first packet is judged, and not lost", async () => {
    const before = [await counters(1), await counters(2)].map((each) => each[unknownPod]);
    const first = {
      args: [],
      command: tryCommand([`${groundAddress}:53`, `${outsideAddress}:6444`], "500ms"),
    };
    for (const node of ["live-1", "live-2"]) {
      const pod = proberPod({ name: `first-${node}`, namespace, node, listens: [], container: first });
      await apply({ ...pod, spec: { ...pod.spec, restartPolicy: "Never" } });
      await kubectl(
        "wait",
        `--namespace=${namespace}`,
        "--for=jsonpath={.status.phase}=Succeeded",
        "--timeout=60s",
        `pod/first-${node}`,
      );
      expect(verdicts(await kubectl("logs", `first-${node}`, `--namespace=${namespace}`))).toEqual({
        [`${groundAddress}:53`]: "open",
        [`${outsideAddress}:6444`]: "refused",
      });
    }
    const after = [await counters(1), await counters(2)].map((each) => each[unknownPod]);
    expect(after).toEqual(before);
  });

  test("of the stack do with real packets what the judge says, for every kind of pod", async () => {
    await apply(
      ...[stack.namespace, "traefik", "monitoring", "cnpg-system"].map((name) =>
        restrictedNamespace(name, "test"),
      ),
    );
    await apply(...networkPolicies(stack));
    const store = {
      name: "object store",
      address: outsideAddress,
      ports: [{ port: 9000, protocol: "TCP" as const }],
    };
    const { cells, differences } = await matrix({ paths, outside: [...outside, store] });
    expect(differences.map(described)).toEqual([]);
    expect(new Set(cells.map(({ from }) => from.name))).toContain("database");
    const open = cells.filter(({ expected }) => expected === "open").length;
    console.log(`${cells.length} connections tried, ${open} of them let through`);
    expect(open).toBeGreaterThan(50);
    expect(cells.length - open).toBeGreaterThan(1000);
    const left = await kubectl("get", "pods", `--namespace=${stack.namespace}`, "--output=name");
    expect(left).toBe("");
  });
});

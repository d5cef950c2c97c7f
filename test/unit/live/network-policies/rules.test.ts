import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allows } from "../../../../judges/network-policies/evaluate.ts";
import type { NetworkPolicyObject } from "../../../../live/network-policies/objects.ts";
import type { Pod } from "../../../../live/network-policies/pods.ts";
import { named, nodesOf, outsiders, send, type World, world } from "./cluster.ts";
import type { Packet } from "./interpreter.ts";

const ports = [78, 80, 81, 84, 86, 87];
const protocols = ["tcp", "udp"] as const;

/** Every packet that some pods and outsiders could send each other. */
function packets({ pods }: World): Packet[] {
  const everybody = [...pods.map(({ address }) => address), ...outsiders];
  return everybody.flatMap((from) =>
    everybody
      .filter((to) => to !== from)
      .flatMap((to) => ports.flatMap((port) => protocols.map((protocol) => ({ from, to, port, protocol })))),
  );
}

/** What the judge of the stack's policies says of a packet. */
function judged({ pods, policies }: World, { from, to, port, protocol }: Packet): boolean {
  const end = (address: string) => {
    const pod = pods.find((each) => each.address === address);
    return { address, ...(pod && { pod: { namespace: pod.namespace, labels: { ...pod.labels } } }) };
  };
  const manifests = policies.map((policy) => ({ apiVersion: "", kind: "NetworkPolicy", ...policy }));
  const upper = protocol === "tcp" ? "TCP" : "UDP";
  return allows(manifests, end(from), end(to), { port, protocol: upper });
}

describe("what the nodes forward", () => {
  test("is what the judge of the policies allows, for every packet of any world", () => {
    let [allowed, denied] = [0, 0];
    fc.assert(
      fc.property(world, (world) => {
        const { nodes, refused } = nodesOf(world);
        expect(refused).toEqual([]);
        for (const packet of packets(world)) {
          const expected = judged(world, packet);
          expected ? allowed++ : denied++;
          if ((send(nodes, packet) === "accept") !== expected) {
            throw new Error(`${JSON.stringify(packet)}: ${send(nodes, packet)}`);
          }
        }
      }),
      { numRuns: 60 },
    );
    // Worlds where everything, or nothing, is allowed would agree with anything.
    expect(Math.min(allowed, denied) / (allowed + denied)).toBeGreaterThan(0.02);
  });

  test("is everything from a pod to itself, by whatever way it comes back", () => {
    fc.assert(
      fc.property(world, (world) => {
        const { nodes } = nodesOf(world);
        for (const { address } of world.pods) {
          const packet = { from: address, to: address, port: 80, protocol: "tcp" as const };
          expect(send(nodes, packet)).toBe("accept");
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is nothing from or to an address of the pods that no pod is known to have, even without a policy", () => {
    const { nodes } = nodesOf({ pods: [pod("web", "10.244.1.2")], policies: [] });
    const packet = { port: 80, protocol: "tcp" as const };
    expect(send(nodes, { from: "10.244.1.2", to: "10.250.0.1", ...packet })).toBe("accept");
    expect(send(nodes, { from: "10.244.1.3", to: "10.250.0.1", ...packet })).toBe("unknown-pod");
    expect(send(nodes, { from: "10.244.1.2", to: "10.244.1.3", ...packet })).toBe("unknown-pod");
    expect(send(nodes, { from: "10.250.0.1", to: "10.244.2.9", ...packet })).toBe("unknown-pod");
  });
});

const pod = (name: string, address: string, more: Partial<Pod> = {}): Pod => ({
  namespace: "a",
  name,
  labels: { app: name },
  address,
  ports: [],
  ...more,
});
const web = pod("web", "10.244.1.2", { ports: [{ name: "http", protocol: "tcp", port: 8080 }] });
const other = pod("other", "10.244.2.2", { ports: [{ name: "http", protocol: "tcp", port: 9090 }] });
const client = pod("client", "10.244.2.3");
const pods = [web, other, client];
const policy = (spec: object, namespace = "a"): NetworkPolicyObject => ({
  metadata: { name: "policy", namespace },
  spec,
});
const tcp = (from: Pod, to: Pod, port: number): Packet => ({
  from: from.address,
  to: to.address,
  port,
  protocol: "tcp",
});
const about = { podSelector: { matchLabels: { app: "web" } } };

describe("a node counts what it drops", () => {
  test("for the pod that a policy forbids it to, at the end that forbids", () => {
    const { nodes } = nodesOf({ pods, policies: [policy({ ...about, policyTypes: ["Ingress", "Egress"] })] });
    expect(send(nodes, tcp(client, web, 80))).toBe("to/a/web");
    expect(send(nodes, tcp(web, client, 80))).toBe("from/a/web");
  });
});

describe("a port's name", () => {
  test("is what the pod that is asked calls one of its own", () => {
    const ingress = [{ ports: [{ port: "http" }] }];
    const { nodes, refused } = nodesOf({ pods, policies: [policy({ podSelector: {}, ingress })] });
    expect(refused).toEqual([]);
    expect([8080, 9090].map((port) => send(nodes, tcp(client, web, port)))).toEqual(["accept", "to/a/web"]);
    expect([8080, 9090].map((port) => send(nodes, tcp(client, other, port)))).toEqual([
      "to/a/other",
      "accept",
    ]);
    expect(send(nodes, tcp(web, client, 8080))).toBe("to/a/client");
  });

  test("means another number for each peer that is asked", () => {
    const egress = [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }];
    const { nodes, refused } = nodesOf({
      pods,
      policies: [policy({ podSelector: {}, egress, policyTypes: ["Egress"] })],
    });
    // Asked for by both nodes.
    expect(refused).toEqual([]);
    expect([8080, 9090].map((port) => send(nodes, tcp(client, web, port)))).toEqual([
      "accept",
      "from/a/client",
    ]);
    expect([8080, 9090].map((port) => send(nodes, tcp(client, other, port)))).toEqual([
      "from/a/client",
      "accept",
    ]);
  });

  test("is a name of TCP, or of UDP, and not of both", () => {
    const ingress = [{ ports: [{ port: "http", protocol: "UDP" }] }];
    const { nodes } = nodesOf({ pods, policies: [policy({ ...about, ingress })] });
    expect(send(nodes, tcp(client, web, 8080))).toBe("to/a/web");
    expect(send(nodes, { ...tcp(client, web, 8080), protocol: "udp" })).toBe("to/a/web");
  });
});

test("a namespace is selected by whatever labels it has", () => {
  const elsewhere = pod("elsewhere", "10.244.2.4", { namespace: "b" });
  const ingress = [{ from: [{ namespaceSelector: { matchLabels: { team: "red" } } }] }];
  const world = { pods: [web, client, elsewhere], policies: [policy({ ...about, ingress })] };
  const red = nodesOf({ ...world, namespaces: new Map([...named("a"), ["b", { team: "red" }]]) });
  expect(send(red.nodes, tcp(elsewhere, web, 80))).toBe("accept");
  expect(send(red.nodes, tcp(client, web, 80))).toBe("to/a/web");
  const blue = nodesOf({ ...world, namespaces: new Map([...named("a"), ["b", { team: "blue" }]]) });
  expect(send(blue.nodes, tcp(elsewhere, web, 80))).toBe("to/a/web");
});

describe("what is not understood is told, and allows nothing:", () => {
  const everyone = { ipBlock: { cidr: "0.0.0.0/0" } };
  test.each([
    [
      "another protocol",
      { ingress: [{ ports: [{ protocol: "SCTP", port: 80 }] }] },
      "ingress.ports[0]: protocol SCTP",
    ],
    [
      "a field of a port",
      { ingress: [{ ports: [{ port: 80, name: "x" }] }] },
      "ingress.ports[0]: unknown field name",
    ],
    [
      "a range of names",
      { ingress: [{ ports: [{ port: "http", endPort: 90 }] }] },
      "ingress.ports[0]: endPort without a port's number",
    ],
    [
      "a field of a peer",
      { ingress: [{ from: [{ podSelector: {}, nodeSelector: {} }] }] },
      "ingress.from[0]: unknown field nodeSelector",
    ],
    [
      "a peer of two kinds",
      { ingress: [{ from: [{ ...everyone, podSelector: {} }] }] },
      "ingress.from[0]: ipBlock beside a selector",
    ],
    ["a peer that names nobody", { ingress: [{ from: [{}] }] }, "ingress.from[0]: a peer that names nobody"],
    [
      "a field of a block",
      { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", only: [] } }] }] },
      "ingress.from[0]: unknown field only",
    ],
    [
      "what is no range",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/33" } }] }] },
      "ingress.from[0]: 10.0.0.0/33 is no range of addresses",
    ],
    [
      "what is no exception",
      { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["1.2.3/8"] } }] }] },
      "ingress.from[0]: 1.2.3 is no IPv4 address",
    ],
    [
      "an operator",
      { ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: "app", operator: "Gt" }] } }] }] },
      "ingress.from[0]: unknown operator Gt",
    ],
    ["a field of a rule", { ingress: [{ services: [] }] }, "ingress[0]: unknown field services"],
    ["a field of a policy", { ingress: [{}], tier: 1 }, "spec: unknown field tier"],
    [
      "a direction",
      { ingress: [{}], policyTypes: ["Ingress", "Through"] },
      "spec: unknown policy type Through",
    ],
  ])("%s", (_, spec, said) => {
    const { nodes, refused } = nodesOf({ pods, policies: [policy({ ...about, ...spec })] });
    expect(new Set(refused)).toEqual(new Set([`a/policy: ${said}`]));
    for (const port of [80, 8080]) expect(send(nodes, tcp(client, web, port))).not.toBe("accept");
  });

  test("a policy of which nobody knows whom it is about is about every pod of its namespace", () => {
    const podSelector = { matchExpressions: [{ key: "app", operator: "Gt", values: ["1"] }] };
    const elsewhere = pod("elsewhere", "10.244.2.4", { namespace: "b" });
    const world = {
      pods: [...pods, elsewhere],
      policies: [policy({ podSelector, ingress: [{}], egress: [{}] })],
    };
    const { nodes } = nodesOf(world);
    expect(send(nodes, tcp(elsewhere, web, 80))).toBe("to/a/web");
    expect(send(nodes, tcp(client, elsewhere, 80))).toBe("from/a/client");
  });

  test("a port's name where the peer is a range: nobody has a number for it", () => {
    const egress = [{ to: [everyone], ports: [{ port: "http" }] }];
    const { nodes, refused } = nodesOf({
      pods,
      policies: [policy({ ...about, egress, policyTypes: ["Egress"] })],
    });
    expect(new Set(refused)).toEqual(new Set(["a/policy: egress: a port's name where a peer may be no pod"]));
    expect(send(nodes, tcp(web, other, 9090))).toBe("from/a/web");
  });

  test("beside it, what is understood goes on", () => {
    const ingress = [{ ports: [{ protocol: "SCTP", port: 80 }, { port: 81 }] }];
    const { nodes } = nodesOf({ pods, policies: [policy({ ...about, ingress })] });
    expect(send(nodes, tcp(client, web, 81))).toBe("accept");
    expect(send(nodes, tcp(client, web, 80))).toBe("to/a/web");
  });
});

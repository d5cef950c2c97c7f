import { describe, expect, test } from "vitest";
import type { PodObject } from "../../../../live/network-policies/objects.ts";
import { addressed, type Sandbox } from "../../../../live/network-policies/pods.ts";

const object = (name: string, podIP?: string, more: Partial<PodObject["spec"]> = {}, phase = "Running") => ({
  metadata: { name, namespace: "a", uid: `uid-${name}`, labels: { app: name } },
  spec: { nodeName: "live-1", containers: [], ...more },
  status: { phase, ...(podIP && { podIP }) },
});
const found = (objects: PodObject[], sandboxes: Sandbox[] = []) => {
  const { own, all } = addressed("live-1", objects, sandboxes);
  const shown = (pods: typeof own) => pods.map(({ name, address }) => `${name} ${address}`);
  return { own: shown(own), all: shown(all) };
};

describe("the pods of a node", () => {
  test("are those that run there, and all are everybody's", () => {
    const pods = [object("here", "10.244.1.2"), object("there", "10.244.2.2", { nodeName: "live-2" })];
    expect(found(pods)).toEqual({ own: ["here 10.244.1.2"], all: ["here 10.244.1.2", "there 10.244.2.2"] });
  });

  test("have their address as soon as the node has given it, before the API server knows", () => {
    expect(found([object("new")]).own).toEqual([]);
    expect(found([object("new")], [{ uid: "uid-new", address: "10.244.1.3" }]).own).toEqual([
      "new 10.244.1.3",
    ]);
  });

  test("have the address that the node has given, whatever the API server still says", () => {
    const sandboxes = [{ uid: "uid-again", address: "10.244.1.9" }];
    expect(found([object("again", "10.244.1.2")], sandboxes).own).toEqual(["again 10.244.1.9"]);
  });

  test("have no address that the node has given somebody else meanwhile", () => {
    const sandboxes = [{ uid: "uid-new", address: "10.244.1.2" }];
    expect(found([object("old", "10.244.1.2"), object("new")], sandboxes).all).toEqual(["new 10.244.1.2"]);
  });

  test.each([
    ["in the node's network", object("node", "10.250.0.2", { hostNetwork: true })],
    ["that is done", object("done", "10.244.1.2", {}, "Succeeded")],
    ["that has failed", object("failed", "10.244.1.2", {}, "Failed")],
    ["without an address", object("waiting")],
  ])("are without one %s", (_, pod) => {
    expect(found([pod]).all).toEqual([]);
  });

  test("have names for ports of TCP and UDP, also those of containers beside", () => {
    const containers = [
      {
        ports: [
          { name: "http", containerPort: 80 },
          { containerPort: 81 },
          { name: "sctp", containerPort: 82, protocol: "SCTP" },
        ],
      },
    ];
    const initContainers = [{ ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }] }];
    const [pod] = addressed("live-1", [object("web", "10.244.1.2", { containers, initContainers })], []).own;
    expect(pod?.ports).toEqual([
      { name: "http", protocol: "tcp", port: 80 },
      { name: "dns", protocol: "udp", port: 53 },
    ]);
  });
});

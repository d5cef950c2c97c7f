import { expect, test } from "vitest";
import { groundAddress, nodeNetwork, nodeOf, podNetwork } from "../../../live/addresses.ts";
import { mostNodes } from "../../../live/nodes/index.ts";

const nodes = Array.from({ length: mostNodes }, (_, index) => nodeOf(index + 1));

test("no two nodes share a name, an address, a network for pods or a zone", () => {
  for (const key of ["name", "address", "podNetwork", "zone"] as const) {
    expect(new Set(nodes.map((node) => node[key])).size, key).toBe(mostNodes);
  }
  expect(nodes.map(({ address }) => address)).not.toContain(groundAddress);
});

test("every address lies in the network that it is routed by", () => {
  const inside = (address: string, network: string, octets: number) =>
    address.split(".").slice(0, octets).join() === network.split(".").slice(0, octets).join();
  for (const { address, podNetwork: own } of nodes) {
    expect(inside(address, nodeNetwork, 3)).toBe(true);
    expect(inside(own, podNetwork, 2)).toBe(true);
  }
});

import { describe, expect, test } from "vitest";
import { networkPolicies } from "../../../../components/network/policies.ts";
import { cells } from "../../../../pictures/network/matrix.ts";
import { portLines, surfaceOf } from "../../../../pictures/network/spec.ts";
import { clusterStack } from "../../components/network/actors.ts";

const grid = (...settings: Parameters<typeof clusterStack>) =>
  cells(networkPolicies(clusterStack(...settings)));
const cell = (all: ReturnType<typeof cells>, from: string, to: string) => {
  const found = all.find((each) => each.from === from && each.to === to);
  if (!found) throw new Error(`no cell from ${from} to ${to}`);
  return found;
};

describe("the grid", () => {
  const all = grid();

  test("has the ports that policies open to a peer they name", () => {
    expect(cell(all, "API", "database").open).toEqual([{ port: "5432", reason: "named" }]);
    expect(surfaceOf(cell(all, "API", "database"))).toBe("named");
  });

  test("tells what is open for the range of every address from what is named", () => {
    expect(cell(all, "API", "DNS").open).toEqual([
      { port: "53", reason: "named" },
      { port: "443", reason: "any" },
      { port: "53/udp", reason: "named" },
    ]);
    expect(surfaceOf(cell(all, "API", "DNS"))).toBe("any");
  });

  test("has nothing for a range of every address once the ranges are narrow", () => {
    const narrow = grid({ apiServer: ["10.0.0.10/32"], objectStore: ["203.0.113.0/24"] });
    expect(narrow.filter((each) => surfaceOf(each) === "any")).toEqual([]);
    expect(surfaceOf(cell(narrow, "API", "object store"))).toBe("named");
  });

  test("has nothing open for a pod that nobody has thought of", () => {
    const pairs = all.filter(({ from, to, outside }) => !outside && [from, to].includes("other pod"));
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.filter(({ open }) => open.length > 0)).toEqual([]);
  });

  test("leaves blank what is between two that are outside", () => {
    expect(surfaceOf(cell(all, "Traefik", "internet"))).toBe("outside");
    expect(portLines(cell(all, "Traefik", "internet"))).toEqual([]);
  });
});

describe("the ports of a cell", () => {
  const ports = (...open: string[]) =>
    portLines({ from: "a", to: "b", outside: false, open: open.map((port) => ({ port, reason: "named" })) });

  test("stand beside each other where there is room, else below", () => {
    expect(ports("53", "443", "6443", "53/udp")).toEqual(["53 443", "6443", "53/udp"]);
    expect(ports("5432", "8000")).toEqual(["5432", "8000"]);
  });

  test("are a dash where there are none", () => {
    expect(ports()).toEqual(["–"]);
  });
});

/**
 * Who reaches whom in the whole stack, with real packets: from a pod of every kind and from outside to every pod that
 * runs, to each other and to what is outside. Reviewers are shown a table of that (docs/network.md), which judges the
 * policies as text; here it is held to what the nodes let through. A difference is a fault of the policies, of what
 * enforces them, or of the judge.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { outsideAddress } from "../../../live/addresses.ts";
import { reachImage } from "../../../live/images/reach.ts";
import { described } from "../../support/live/cells.ts";
import { type Matrix, matrix, outside } from "../../support/live/connectivity.ts";
import { giveNodes } from "../../support/live/images.ts";
import { passed } from "../../support/live/prober.ts";
import { record } from "../../support/live/report.ts";
import { output, paths } from "../../support/live/world.ts";
import { missing } from "../missing.ts";

const scenario = "1b-connectivity";
const store = 7070;
const objectStore = {
  name: "object store",
  address: outsideAddress,
  ports: [80, 443, store].map((port) => ({ port, protocol: "TCP" as const })),
};

describe.skipIf(missing)("who reaches whom in the whole stack", () => {
  let found: Matrix;
  const reached = (from: string, to: RegExp, port: number) =>
    found.cells
      .filter((cell) => cell.from.name === from && to.test(cell.to.name) && cell.port.port === port)
      .map(({ verdict }) => passed(verdict));

  beforeAll(async () => {
    await giveNodes(await reachImage());
    const begun = performance.now();
    found = await matrix({ paths, outside: [...outside, objectStore] });
    record(
      scenario,
      { what: "pairs of a source and a port that were tried", value: found.cells.length, unit: "pairs" },
      {
        what: "of them open by the policies",
        value: found.cells.filter(({ expected }) => expected === "open").length,
        unit: "pairs",
      },
      { what: "differences to the judge", value: found.differences.length, unit: "pairs" },
      { what: "until all were tried", value: (performance.now() - begun) / 1000, unit: "s" },
    );
  });

  test("is what the judge of the policies says, for every pair", () => {
    expect(found.differences.map(described)).toEqual([]);
  });

  test("is enough for Attic to work, and for nobody else", () => {
    const instances = /^nix-cache\/attic-pg-\d+$/;
    expect(reached("API", instances, 5432)).toEqual([true, true, true]);
    expect(reached("other pod", instances, 5432)).toEqual([false, false, false]);
    expect(reached("API", /^object store$/, store)).toEqual([true]);
    expect(reached("Traefik", /^object store$/, store)).toEqual([true]);
    expect(reached("other pod", /^object store$/, store)).toEqual([false]);
    expect(reached("API", /^internet$/, 443)).toEqual([false]);
    expect(reached("API", /^metadata$/, 80)).toEqual([false]);
  });

  test("was tried by pods that are gone", async () => {
    const pods = await output("kubectl", "get", "pods", "-A", "-o", "name");
    expect(pods.split("\n").filter((pod) => pod.startsWith("pod/reach-"))).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { unfit } from "../../../support/live/unfit.ts";

const never = { what: "real nodes need root", instead: "sudo" };
const forNow = { what: "apt knows no package containerd", instead: "apt-get update", forNow: true } as const;

describe("tests on real nodes", () => {
  test("run where nothing is missing", () => {
    expect(unfit([])).toBeUndefined();
  });

  test("are left out on a machine that can never have them, with all the reasons", () => {
    const noApt = { what: "there is no apt-get on PATH", instead: "it comes with apt" };
    expect(unfit([never, noApt])).toBe("real nodes need root; there is no apt-get on PATH");
    expect(unfit([never, forNow])).toBe("real nodes need root");
  });

  test("fail, and are not left out, where a command would help", () => {
    expect(() => unfit([forNow])).toThrow("apt knows no package containerd: apt-get update");
  });
});

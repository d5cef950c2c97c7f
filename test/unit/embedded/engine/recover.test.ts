import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { isStale, processIsAlive } from "../../../../embedded/engine/recover.ts";

const holder = { pid: 4711, hostname: "here", timestamp: "2026-01-01T00:00:00Z" };

describe("isStale", () => {
  it.each([
    ["a dead process of this machine", () => false, "here", true],
    ["a live process of this machine", () => true, "here", false],
    // Process ids of another machine mean nothing here.
    ["any process of another machine", () => false, "there", false],
  ])("%s", (_, isAlive, host, expected) => {
    expect(isStale(holder, isAlive, host)).toBe(expected);
  });

  it("compares with this machine's name unless told", () => {
    expect(isStale({ ...holder, hostname: hostname() }, () => false)).toBe(true);
  });
});

describe("processIsAlive", () => {
  it("knows this process, and one that ended", () => {
    expect(processIsAlive(process.pid)).toBe(true);
    expect(processIsAlive(spawnSync("true").pid)).toBe(false);
  });
});

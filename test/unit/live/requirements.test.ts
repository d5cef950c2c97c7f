import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hasApt, lacks, type Machine } from "../../../live/requirements.ts";

const programs = ["unshare", "nsenter", "mount", "ip", "sysctl", "tar", "apt-get", "apt-cache", "dpkg-deb"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attic-live-"));
  for (const each of programs) {
    writeFileSync(join(folder, each), "");
    chmodSync(join(folder, each), 0o755);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const machine = (more: Partial<Machine> = {}): Machine => ({
  platform: "linux",
  arch: "x64",
  uid: 0,
  path: folder,
  can: () => true,
  ...more,
});
const said = (more: Partial<Machine> = {}) => lacks(machine(more)).map(({ what }) => what);

test("a machine with all of it lacks nothing", () => {
  expect(said()).toEqual([]);
});

test("another system is told once, and not what it lacks besides", () => {
  expect(said({ platform: "darwin", uid: 501, path: "" })).toEqual([
    "real nodes need Linux on x86-64; this is darwin on x64",
  ]);
  expect(said({ arch: "arm64" })).toEqual(["real nodes need Linux on x86-64; this is linux on arm64"]);
});

test("everything that is missing is told at once, with what to do about it", () => {
  rmSync(join(folder, "dpkg-deb"));
  expect(lacks(machine({ uid: 1000 }))).toEqual([
    {
      what: "real nodes need root: they are made of namespaces, mounts and cgroups",
      instead: expect.stringContaining("npm run local"),
    },
    { what: "there is no dpkg-deb on PATH", instead: "it comes with dpkg" },
  ]);
});

test("a file that cannot be run is no program", () => {
  chmodSync(join(folder, "ip"), 0o644);
  expect(said()).toEqual(["there is no ip on PATH"]);
});

test("a container where root may not do what root may is told so, and an apt that knows nothing", () => {
  expect(said({ can: ([file]) => file !== "unshare" })).toEqual(["root may make no namespaces here"]);
  expect(lacks(machine({ can: (command) => !command.join(" ").includes("apt-cache") }))).toEqual([
    { what: "apt knows no package containerd", instead: "apt-get update", forNow: true },
  ]);
});

test("packages can be had where all that apt is made of is on PATH", () => {
  expect(hasApt(folder)).toBe(true);
  rmSync(join(folder, "apt-cache"));
  expect(hasApt(folder)).toBe(false);
});

test("nothing is tried on a machine that lacks something else", () => {
  const can = () => expect.fail("it was tried");
  expect(said({ uid: 1000, can })).toHaveLength(1);
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { engineIsAlive, isStale } from "../../../../embedded/engine/recover.ts";

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

describe.skipIf(process.platform !== "linux")("engineIsAlive", () => {
  const folder = mkdtempSync(join(tmpdir(), "attic-recover-"));
  const pulumi = join(folder, "pulumi");
  symlinkSync("/bin/sleep", pulumi);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) if (child.kill("SIGKILL")) await once(child, "close");
  });

  /** Starts a program. @returns its first line, once it is there */
  async function start(...[file, args]: [string, string[]]): Promise<{ pid: number; line: Promise<string> }> {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] });
    started.push(child);
    await once(child, "spawn");
    const line = once(child.stdout, "data").then(([data]) => String(data).trim());
    return { pid: child.pid as number, line };
  }

  it("knows an engine that runs", async () => {
    const { pid } = await start(pulumi, ["60"]);
    expect(engineIsAlive(pid)).toBe(true);
  });

  it("knows one that was killed, though nobody has reaped it", async () => {
    // What takes the shell's place waits for no child of it.
    const { line } = await start("/bin/sh", ["-c", '"$0" 60 & echo $!; exec sleep 60', pulumi]);
    const pid = Number(await line);
    await expect.poll(() => engineIsAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => engineIsAlive(pid)).toBe(false);
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  it("takes what has got its id since for none", () => {
    expect(engineIsAlive(process.pid)).toBe(false);
  });
});

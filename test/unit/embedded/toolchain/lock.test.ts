import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "../../../../embedded/toolchain/lock.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "attic-lock-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("what is done under one lock is done one after the other", async () => {
  const events: string[] = [];
  const task = (name: string) =>
    withLock(
      join(dir, "x"),
      () => {},
      async () => {
        events.push(`${name} in`);
        await sleep(20);
        events.push(`${name} out`);
      },
    );

  await Promise.all([task("a"), task("b")]);

  expect([events[0]?.[0], events[1]?.[0]]).toEqual([events[0]?.[0], events[0]?.[0]]);
  expect(events.map((event) => event.slice(2))).toEqual(["in", "out", "in", "out"]);
});

test("different locks do not wait for each other", async () => {
  const waits: unknown[] = [];
  await withLock(
    join(dir, "x"),
    () => {},
    () =>
      withLock(
        join(dir, "y"),
        (pid) => waits.push(pid),
        async () => {},
      ),
  );
  expect(waits).toEqual([]);
});

test("an error lets go of the lock, and leaves nothing behind", async () => {
  const fail = withLock(
    join(dir, "x"),
    () => {},
    () => Promise.reject(new Error("no")),
  );
  await expect(fail).rejects.toThrow("no");
  expect(await readdir(dir)).toEqual([]);
});

test("a holder that is killed loses the lock a few seconds later", { timeout: 40_000 }, async () => {
  const module = join(import.meta.dirname, "../../../../embedded/toolchain/lock.ts");
  const script = `
    const { withLock } = await import(${JSON.stringify(module)});
    await withLock(${JSON.stringify(join(dir, "x"))}, () => {}, async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  holder.kill("SIGKILL");

  const waits: unknown[] = [];
  await withLock(
    join(dir, "x"),
    (pid) => waits.push(pid),
    async () => {},
  );

  expect(waits[0]).toBe(holder.pid);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const module = join(import.meta.dirname, "../../../../embedded/local/terminal/closed-pipe.ts");

/**
 * Runs a program, whose reader goes away at its first word.
 * @returns what it ended with, and what it said at last on the other stream
 */
async function readerLeaves(reader: "stdout" | "stderr", text: string): Promise<[number | null, string]> {
  const child = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `const { endWithReader } = await import(${JSON.stringify(module)});
     const { setTimeout: wait } = await import("node:timers/promises");
     endWithReader();
     process.${reader}.write("begins\\n");
     await wait(300);
     ${text}`,
  ]);
  const other = reader === "stdout" ? child.stderr : child.stdout;
  let said = "";
  other.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  child[reader].once("data", () => child[reader].destroy());
  const [code] = await once(child, "close");
  return [code, said];
}

describe("a program whose messages nobody reads any more", () => {
  test("goes on, and ends with its own exit code", async () => {
    const text = `for (let i = 0; i < 5; i++) { process.stderr.write("step\\n"); await wait(10); }
      process.stdout.write("through\\n");
      process.exit(4);`;
    expect(await readerLeaves("stderr", text)).toEqual([4, "through\n"]);
  });

  test.each(["stdout", "stderr"])("bears it, too, when %s was a terminal that is lost", async (stream) => {
    const text = `process.on("SIGTERM", () => {});
      process.${stream}.emit("error", Object.assign(new Error("write EIO"), { code: "EIO" }));
      await wait(50);
      process.exit(4);`;
    expect(await readerLeaves("stdout", text)).toEqual([4, ""]);
  });

  test("does not take another trouble for it", async () => {
    const text = `process.stderr.emit("error", Object.assign(new Error("disk full"), { code: "ENOSPC" }));`;
    const [code, said] = await readerLeaves("stdout", text);
    expect([code, said]).toEqual([1, expect.stringContaining("disk full")]);
  });
});

describe("a program whose results nobody reads any more", () => {
  test("ends while it works, with the exit code of a broken pipe", async () => {
    const text = `process.stdout.write("more\\n"); await wait(5000); process.exit(0);`;
    expect(await readerLeaves("stdout", text)).toEqual([141, ""]);
  });

  test("ends with its own exit code when it is through", async () => {
    expect(await readerLeaves("stdout", `process.stdout.write("more\\n"); process.exit(4);`)).toEqual([
      4,
      "",
    ]);
    expect(
      await readerLeaves(
        "stdout",
        `await wait(1); process.stdout.write("more\\n"); await null; process.exit(4);`,
      ),
    ).toEqual([4, ""]);
  });

  test("brings to an end first what listens for the wish to stop", async () => {
    const text = `process.on("SIGTERM", () => {});
      process.stdout.write("more\\n");
      await wait(100);
      process.stdout.write("still more\\n");
      process.stderr.write("cleaned up\\n");
      process.exit(1);`;
    expect(await readerLeaves("stdout", text)).toEqual([1, "cleaned up\n"]);
  });
});

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const project = join(import.meta.dirname, "../../..");
const run = promisify(execFile);
const atticctl = (...args: string[]) =>
  run(process.execPath, [join(project, "cli/main.ts"), ...args], { cwd: project });

describe("the program atticctl", () => {
  test("is what package.json says that it is, and can be executed", () => {
    const { bin } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect(bin).toEqual({ atticctl: "./cli/main.ts" });
    expect(readFileSync(join(project, bin.atticctl), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test("helps, with every command and every exit code", async () => {
    const { stdout, stderr } = await atticctl("--help");
    expect(stderr).toBe("");
    expect(stdout).toContain("Usage: atticctl [options] [command]");
    expect(stdout).toMatch(/-s, --stack <name>/);
    expect(stdout).toMatch(/4 +a check said no/);
    const { stdout: tokens } = await atticctl("tokens", "--help");
    expect(tokens.match(/^ {2}(\w+) \[options\]/gm)?.map((line) => line.trim().split(" ")[0])).toEqual([
      "list",
      "get",
      "plan",
      "mint",
      "revoke",
      "rotate",
      "inspect",
      "publish",
    ]);
  });

  test("ends with the exit code of the command, its message on standard error", async () => {
    const failed = await atticctl("tokens", "list", "--stack", "nope").catch((error) => error);
    expect(failed).toMatchObject({ code: 3, stdout: "" });
    expect(failed.stderr).toContain("the stacks are: local, production, staging");
  });

  test("loads none of Pulumi's SDK to help", async () => {
    const { stdout } = await run(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { run } = await import(${JSON.stringify(join(project, "cli/run.ts"))});
         const { processWorld } = await import(${JSON.stringify(join(project, "cli/world.ts"))});
         const { createRequire } = await import("node:module");
         await run(["--help"], { ...processWorld(), stdout: { write() {} } });
         const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /@pulumi/.test(file));
         console.log(loaded.length);`,
      ],
      { cwd: project },
    );
    expect(stdout.trim()).toBe("0");
  });
});

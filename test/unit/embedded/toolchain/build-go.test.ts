import { spawn } from "node:child_process";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildGo, planWork } from "../../../../embedded/toolchain/build-go.ts";
import type { Progress } from "../../../../embedded/toolchain/index.ts";
import { type FakeGo, fakeGo, goBuilds, goEnv, goFails } from "../../../support/fake-go.ts";

let go: FakeGo;
beforeEach(async () => {
  go = await fakeGo();
});
afterEach(() => go.remove());

const build = (progress?: (progress: Progress) => void, tags?: string[]) =>
  buildGo({
    name: "tool",
    moduleDir: go.moduleDir,
    pkg: ".",
    tags,
    expectedMinutes: 6,
    neededMiB: 1,
    progress,
  });
const builds = async () => (await readFile(join(go.dir, "go.log"), "utf8")).trim().split("\n").length;
const binaries = () => readdir(join(go.cache, "attic-pulumi", "bin"));

describe("a build", () => {
  test("is kept: the second call finds the binary and does not build", async () => {
    await go.install(goEnv(go.dir) + goBuilds);

    const first = await build();
    const second = await build();

    expect(second).toBe(first);
    expect(await readFile(first, "utf8")).toContain("built by");
    expect(await builds()).toBe(1);
  });

  test("is another one after a change of a source file, of go.sum, or of the compiler", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    const paths = [await build()];
    await writeFile(join(go.moduleDir, "main.go"), "package main // changed\n");
    paths.push(await build());
    await writeFile(join(go.moduleDir, "go.sum"), "example.com/lib v1.0.0 h1:x\n");
    paths.push(await build());
    await go.install(goEnv(go.dir, "go1.27.0") + goBuilds);
    paths.push(await build());

    expect(new Set(paths).size).toBe(4);
  });

  test("is the same one after a change of a test or of a file that is not Go's", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    const before = await build();

    await writeFile(join(go.moduleDir, "main_test.go"), "package main\n");
    await writeFile(join(go.moduleDir, "index.ts"), "export {};\n");

    expect(await build()).toBe(before);
    expect(await builds()).toBe(1);
  });

  test("keeps the three last used binaries of its name, and others' altogether", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    const first = await build();
    const directory = join(go.cache, "attic-pulumi", "bin");
    const old = ["1", "2", "3", "4"].map((digit) => `tool-${digit.repeat(64)}`);
    for (const [age, name] of old.entries()) {
      await writeFile(join(directory, name), "");
      await utimes(join(directory, name), 1000 - age, 1000 - age);
    }
    await writeFile(join(directory, `tool-kit-${"5".repeat(64)}`), "");
    await writeFile(join(directory, `${old[0]}.123.part`), "");

    await writeFile(join(go.moduleDir, "main.go"), "package main // changed\n");
    const second = await build();

    expect((await binaries()).map((name) => join(directory, name)).sort()).toEqual(
      [first, second, join(directory, old[0] ?? ""), join(directory, `tool-kit-${"5".repeat(64)}`)].sort(),
    );
  });

  test("that fails leaves no binary, and the next call builds again", async () => {
    await go.install(
      `${goEnv(go.dir)}\nif [ "$1" = list ]; then echo 'stale example.com/main'; exit 0; fi\n${goFails("./main.go:1:1: syntax error")}`,
    );
    await expect(build()).rejects.toThrow("go failed: ./main.go:1:1: syntax error");
    expect((await binaries()).filter((name) => name.startsWith("tool-"))).toEqual([]);

    await go.install(goEnv(go.dir) + goBuilds);
    expect(await readFile(await build(), "utf8")).toContain("built by");
  });

  test("asks go for a build that changes no go.mod and holds no path of this machine", async () => {
    await go.install(`${goEnv(go.dir)}\necho "$*" >> "$GO_LOG.args"\n${goBuilds}`);
    await build();

    const [list = "", compile = ""] = (await readFile(join(go.dir, "go.log.args"), "utf8"))
      .trim()
      .split("\n");

    for (const line of [list, compile]) expect(line).toContain("-mod=readonly -trimpath -buildvcs=false");
    expect(compile).toMatch(/^build -v .* -o \S+\.part \.$/);
  });
});

describe("build tags", () => {
  test("reach both the list of what is to be compiled and the build", async () => {
    await go.install(`${goEnv(go.dir)}\necho "$*" >> "$GO_LOG.args"\n${goBuilds}`);
    await build(undefined, ["one", "two"]);
    const lines = (await readFile(join(go.dir, "go.log.args"), "utf8")).trim().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toContain(" -tags=one,two ");
  });

  test("make another binary", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    expect(await build(undefined, ["one"])).not.toBe(await build());
  });
});

describe("two builds at once", () => {
  test("in two processes are one: the second waits, says for whom, and takes the first one's binary", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    vi.stubEnv("GO_SLEEP", "2");
    const module = join(import.meta.dirname, "../../../../embedded/toolchain/build-go.ts");
    const script = `
      const { buildGo } = await import(${JSON.stringify(module)});
      console.log("begin");
      console.log(await buildGo(${JSON.stringify({ name: "tool", moduleDir: go.moduleDir, pkg: ".", expectedMinutes: 6, neededMiB: 1 })}));`;
    const other = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    const ended = new Promise((resolve) => other.once("close", resolve));
    other.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await vi.waitFor(async () => expect(await builds()).toBe(1), { timeout: 10_000, interval: 20 });

    const steps: string[] = [];
    const path = await build(({ step }) => steps.push(step));
    await ended;

    expect(output).toContain(path);
    expect(await builds()).toBe(1);
    expect(steps[0]).toBe(`Building tool: waiting for another run that builds it (process ${other.pid})`);
  });
});

describe("progress", () => {
  test("counts the packages that are to be compiled, not those that are built", async () => {
    await go.install(goEnv(go.dir) + goBuilds);
    const seen: Progress[] = [];
    await build((progress) => seen.push(progress));

    expect(seen.map(({ step, done, total, current }) => [step, done, total, current])).toEqual([
      ["Building tool: finding out what is to be compiled", 0, undefined, ""],
      ["Building tool: compiling", 0, 2, ""],
      ["Building tool: compiling", 0, 2, "example.com/lib"],
      ["Building tool: linking", 1, 2, "example.com/main"],
    ]);
  });

  test("names each module as it is downloaded", async () => {
    const download = 'if [ "$1" = list ]; then echo "go: downloading example.com/lib v1.2.3" >&2; fi';
    await go.install(`${goEnv(go.dir)}\n${download}\n${goBuilds}`);
    const seen: Progress[] = [];
    await build((progress) => seen.push(progress));

    expect(seen).toContainEqual(
      expect.objectContaining({
        step: "Building tool: downloading modules",
        done: 1,
        current: "example.com/lib v1.2.3",
      }),
    );
  });

  test("expects the time of a first build, less the share that is built, and 15 s at least", () => {
    expect(planWork("stale a\nstale b\n", 8)).toMatchObject({ share: 1, expectedSeconds: 480 });
    expect(planWork("built a\nstale b\n", 8)).toMatchObject({ share: 0.5, expectedSeconds: 240 });
    expect(planWork("built a\nbuilt b\n", 8)).toMatchObject({ share: 0, expectedSeconds: 15 });
  });
});

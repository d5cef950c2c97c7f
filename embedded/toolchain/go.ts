import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { explainGoFailure, goMissing, goTooOld } from "./go-errors.ts";

/** What `go env` says in one module's directory, as far as a build depends on it. */
export interface GoEnvironment {
  /** Like "go1.26.8": the version that builds, after any switch that GOTOOLCHAIN allows. */
  readonly GOVERSION: string;
  readonly GOOS: string;
  readonly GOARCH: string;
  readonly GOCACHE: string;
  readonly GOMODCACHE: string;
}

/** The environment of every `go` command: the person's own, and no C compiler needed. */
export function goProcessEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0" };
}

/**
 * Runs `go` to its end and returns what it printed on standard output.
 *
 * @param what what is being done, to begin an error's message with
 * @param onLine called with each line on standard error as it comes (downloads, compiled packages)
 * @throws ToolchainError one clear line when Go is missing or fails
 */
export function runGo(
  what: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; onLine?: (line: string) => void },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = options.env ?? goProcessEnvironment();
    const child = spawn("go", [...args], { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      errors = (errors + chunk).slice(-65_536);
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) options.onLine?.(line);
    });
    const stop = () => child.kill();
    process.once("exit", stop);
    child.on("error", (error: NodeJS.ErrnoException) => {
      process.off("exit", stop);
      reject(error.code === "ENOENT" ? goMissing(what) : error);
    });
    child.on("close", (code) => {
      process.off("exit", stop);
      if (code === 0) resolve(output);
      else reject(explainGoFailure(what, errors || output));
    });
  });
}

/**
 * Finds the Go that builds a module and checks that it is new enough for the module's go.mod.
 *
 * @throws ToolchainError when there is no Go, or one too old that may not replace itself
 */
export async function goEnvironment(what: string, moduleDir: string): Promise<GoEnvironment> {
  const output = await runGo(what, ["env", "-json", "GOVERSION", "GOOS", "GOARCH", "GOCACHE", "GOMODCACHE"], {
    cwd: moduleDir,
  });
  const environment = JSON.parse(output) as GoEnvironment;
  const needed = /^go (\S+)$/m.exec(await readFile(join(moduleDir, "go.mod"), "utf8"))?.[1] ?? "1.26";
  const found = environment.GOVERSION.replace(/^go/, "");
  if (isOlder(found, needed)) throw goTooOld(what, needed, found);
  return environment;
}

/** Whether Go version `a` ("1.26.4", "1.27rc1") comes before `b`. A candidate counts as its release. */
export function isOlder(a: string, b: string): boolean {
  const numbers = (version: string) => (/^[\d.]+/.exec(version)?.[0] ?? "0").split(".").map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

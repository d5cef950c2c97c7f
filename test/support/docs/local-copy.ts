import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { PROJECT } from "./pages.ts";

const exec = promisify(execFile);

/** What a script printed, and its exit code; 1 when it had to be ended. */
export interface Typed {
  code: number;
  output: string;
}

/** A copy of the project in which the local stack stands, so that commands may change both. */
export interface LocalCopy {
  /** Runs a script in the copy as a person with `kubectl` on PATH would: `bash -euo pipefail`. */
  run(script: string): Promise<Typed>;
  /** Takes the stack and the copy away. */
  remove(): Promise<void>;
}

/** What a checkout does not have, and what would be another's: installed packages are linked instead. */
const left = ["node_modules", ".local", ".git", "out", "coverage", "policies/node_modules"];

/** Longer than any page takes on a busy machine; what takes longer hangs. */
const patience = 300_000;

/** Copies the project and stands its local stack up. */
export async function localCopy(): Promise<LocalCopy> {
  const root = mkdtempSync(join(tmpdir(), "attic-docs-"));
  cpSync(PROJECT, root, {
    recursive: true,
    filter: (source) => !left.includes(relative(PROJECT, source)),
  });
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
  const controlPlane = join(root, ".local/control-plane");
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${controlPlane}/bin:${PROJECT}/node_modules/.bin:${process.env.PATH}`,
    KUBECONFIG: join(controlPlane, "kubeconfig"),
    PULUMI_STACK: "local",
    NO_COLOR: "1",
  };
  const local = (...args: string[]) =>
    exec("node", ["embedded/local/main.ts", ...args], { cwd: root, env, maxBuffer: 1 << 26 });

  const copy: LocalCopy = {
    run: (script) => typed(script, root, env),
    remove: async () => {
      if (existsSync(controlPlane)) await local("down", "--force");
      rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    await local();
    // `kubectl top` knows nothing of pods that it has not seen twice.
    while ((await copy.run("kubectl -n nix-cache top pods")).code !== 0) await wait(1000);
  } catch (error) {
    await copy.remove();
    throw error;
  }
  return copy;
}

/** Runs a script in a process group of its own, so that one that hangs leaves nothing behind. */
function typed(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Typed> {
  return new Promise((resolve, reject) => {
    const bash = spawn("bash", ["-euo", "pipefail", "-c", script], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [bash.stdout, bash.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const hanging = setTimeout(() => {
      output += `\nit hangs: ended after ${patience / 60_000} minutes\n`;
      process.kill(-(bash.pid as number), "SIGKILL");
    }, patience);
    bash.on("error", reject);
    bash.on("close", (code) => {
      clearTimeout(hanging);
      resolve({ code: code ?? 1, output });
    });
  });
}

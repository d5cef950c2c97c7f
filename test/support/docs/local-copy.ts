import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { PROJECT } from "./pages.ts";

const exec = promisify(execFile);

/** A copy of the project in which the local stack stands, so that commands may change both. */
export interface LocalCopy {
  /** Runs a script in the copy as a person with `kubectl` on PATH would: `bash -euo pipefail`. */
  run(script: string): Promise<{ code: number; output: string }>;
  /** Takes the stack and the copy away. */
  remove(): Promise<void>;
}

/** What a checkout does not have, and what would be another's: installed packages are linked instead. */
const left = ["node_modules", ".local", ".git", "out", "coverage", "policies/node_modules"];

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
    run: async (script) => {
      try {
        const { stdout, stderr } = await exec("bash", ["-euo", "pipefail", "-c", script], {
          cwd: root,
          env,
          maxBuffer: 1 << 26,
          timeout: 120_000,
        });
        return { code: 0, output: stdout + stderr };
      } catch (error) {
        const { code, signal, stdout = "", stderr = "" } = error as Failed;
        const output = stdout + stderr + (signal ? `\nended by ${signal} after two minutes\n` : "");
        return { code: typeof code === "number" ? code : 1, output };
      }
    },
    remove: async () => {
      if (existsSync(controlPlane)) await local("down", "--force");
      rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    await local();
    // `kubectl top` knows nothing of pods that it has not seen twice.
    while ((await copy.run("kubectl -n nix-cache top pods")).code !== 0) await setTimeout(1000);
  } catch (error) {
    await copy.remove();
    throw error;
  }
  return copy;
}

interface Failed {
  code?: number | string | null;
  signal?: string | null;
  stdout?: string;
  stderr?: string;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROJECT_DIR } from "../../embedded/local/paths.ts";
import { foreground } from "../foreground.ts";
import { enteringGround } from "../nodes/index.ts";
import type { LivePaths } from "../paths.ts";
import { stackEnvironment } from "./environment.ts";

const main = join(import.meta.dirname, "main.ts");

/**
 * Has the engine bring the stack up, and shows how it goes. It runs on the ground, where the cluster is.
 * @param steps how many steps are shown in all
 * @param done how many have been
 * @returns the exit code; what went wrong has been shown
 */
export async function upStack(paths: LivePaths, steps: number, done: number): Promise<number> {
  const args = [main, paths.root, String(steps), String(done)];
  const { file, args: entered, env } = await enteringGround(paths, [process.execPath, ...args]);
  return foreground(file, entered, { env });
}

/** What a command said, and its exit code. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command on the ground as someone does who works on the stack: in its folder, with its environment. */
export async function inProject(paths: LivePaths, command: readonly string[], input = ""): Promise<Said> {
  const { file, args, env } = await enteringGround(paths, command);
  const child = spawn(file, args, { cwd: paths.project, env: { ...env, ...stackEnvironment(paths) } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, ...said };
}

/** The same for a command of `atticctl`. */
export const atticctl = (paths: LivePaths, args: readonly string[], input?: string): Promise<Said> =>
  inProject(paths, [process.execPath, join(PROJECT_DIR, "cli/main.ts"), ...args], input);

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * Runs a program to its end.
 * @returns what it printed on standard output
 * @throws Error with what it printed on standard error
 */
export async function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(file, [...args], { ...options, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${file} ${args.slice(0, 3).join(" ")} …: ${(stderr || message).trim()}`, {
      cause: error,
    });
  }
}

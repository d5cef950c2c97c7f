import { spawn } from "node:child_process";

/**
 * Runs a judge to its end and returns what it printed.
 *
 * @param accepted exit codes that are no failure: some judges end with 1 when they have findings
 * @throws Error with its complaint when it ends otherwise
 */
export function runJudge(
  command: string,
  args: readonly string[],
  { input = "", accepted = [0], cwd }: { input?: string; accepted?: readonly number[]; cwd?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== null && accepted.includes(code)) resolve(stdout);
      else reject(new Error(`${command} ended with ${code}: ${(stderr || stdout).slice(-2000)}`));
    });
    child.stdin.on("error", () => {}).end(input);
  });
}

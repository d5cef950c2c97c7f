import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineOnPath, MINIMUM_VERSION } from "../../embedded/engine/locate.ts";
import { count } from "../../embedded/local/terminal/table.ts";
import { embeddedStack } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { type Finding, failed, look, ok, unseen } from "./finding.ts";

/** Whether Node is one that the project runs on, by its package.json. */
export function checkNode(node: string): Finding {
  const file = join(import.meta.dirname, "../../package.json");
  const { engines } = JSON.parse(readFileSync(file, "utf8")) as { engines: { node: string } };
  const least = engines.node.replace(/^>=/, "");
  return atLeast(node, least)
    ? ok("node", `${node}, which is ${least} or newer`)
    : failed(
        "node",
        `${node} is too old`,
        `install Node ${least} or newer; the project's own is in node_modules/.bin`,
      );
}

/** Whether there is a Pulumi that can update the stack. */
export async function checkPulumi(stack: string, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (stack === embeddedStack) return ok("pulumi", "stack local has an engine of its own");
  const heard: string[] = [];
  const engine = await engineOnPath(env.PATH ?? "", (line) => heard.push(line));
  if (engine) return ok("pulumi", `${engine.version}, which is ${MINIMUM_VERSION} or newer`);
  return failed(
    "pulumi",
    heard.join("; ") || "there is no `pulumi` on PATH",
    `install ${MINIMUM_VERSION} or newer: https://www.pulumi.com/docs/install/`,
  );
}

/** Whether the stack has a state, and its secrets can be decrypted. */
export const checkState = (stack: OpenedStack): Promise<Finding> =>
  look("secrets", async () => {
    try {
      const { tokens } = await stack.deployed();
      return ok("secrets", `the state's are decrypted; it has ${count(Object.keys(tokens).length, "token")}`);
    } catch (error) {
      // Before the first update there is nothing to decrypt.
      if (!(error instanceof CliError && error.exitCode === EXIT.notFound)) throw error;
      return unseen("secrets", error.message, error.hint);
    }
  });

/** Whether a version such as `1.30.2` or `v1.33.1-eks-1` is so high, by its first numbers. */
export function atLeast(version: string, least: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [have, want] = [numbers(version), numbers(least)];
  for (const [index, wanted] of want.entries()) {
    if ((have[index] ?? 0) !== wanted) return (have[index] ?? 0) > wanted;
  }
  return true;
}

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type KubeClient, kubeClient } from "../../embedded/control-plane/index.ts";
import type { SharedControlPlane } from "./control-plane-setup.ts";

/** The control plane that all test files of a run share. Objects others left are there too: use a namespace of your own. */
export function sharedControlPlane(): SharedControlPlane {
  return inject("controlPlane");
}

/** A small client of the shared control plane, as its administrator. Close it when done. */
export function sharedClient(): Promise<KubeClient> {
  return kubeClient(sharedControlPlane().kubeconfig);
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl on the shared control plane, as its administrator unless `--as` says otherwise. */
export function kubectl(args: readonly string[], input?: string): Promise<CommandResult> {
  const { kubectl: path, kubeconfig } = sharedControlPlane();
  return run(path, args, { KUBECONFIG: kubeconfig }, input);
}

/** Runs kubectl and returns what it printed. @throws Error with its complaint when it fails */
export async function kubectlOutput(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Applies an object, given as in a manifest. @throws Error with the API server's complaint */
export async function applyObject(object: object, ...flags: string[]): Promise<void> {
  await kubectlOutput(["apply", "--server-side", "-f", "-", ...flags], JSON.stringify(object));
}

/**
 * Does something in a namespace of its own and removes it after, without waiting for it to be gone.
 *
 * @param labels for instance the level that Pod Security enforces
 */
export async function inNamespace<T>(
  action: (namespace: string) => Promise<T>,
  labels: Readonly<Record<string, string>> = {},
): Promise<T> {
  const name = `test-${randomBytes(4).toString("hex")}`;
  await applyObject({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  try {
    return await action(name);
  } finally {
    await kubectl(["delete", "namespace", name, "--wait=false"]);
  }
}

/** Runs a command to its end. A failure is a result, not an error. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = "",
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => {}).end(input);
  });
}

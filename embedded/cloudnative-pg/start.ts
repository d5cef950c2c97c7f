import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, open, rm, symlink, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "../control-plane/state.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { ProgressListener } from "../toolchain/index.ts";
import { stopwatch } from "../toolchain/index.ts";
import { findReadyOperator, type OperatorReadiness, type Settings } from "./state.ts";

const startSeconds = 90;
/** How the stand-in ends on a machine without namespaces; see stand-in/main.go. */
const noNamespaces = 3;

/** What a start needs beside the settings. All of it is written to files of mode 0600. */
export interface Credentials {
  /** Of the API server's certificate authority, as PEM. */
  readonly authority: string;
  readonly operatorToken: string;
  readonly standInToken: string;
}

/** The webhooks' port was taken by another process, between its choice and its use. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

/** Writes everything that the operator and the stand-in read. */
export async function prepareDirectory(
  directory: string,
  settings: Settings,
  credentials: Credentials,
): Promise<void> {
  const { authority, operatorToken, standInToken } = credentials;
  await rm(join(directory, "operator"), { recursive: true, force: true });
  for (const part of ["logs", "webhook", "operator"]) {
    await mkdir(join(directory, part), { recursive: true, mode: 0o700 });
  }
  // The operator gives this file to the instance managers, and compares theirs with it.
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  await symlink(settings.operator, join(directory, "operator", `manager_${architecture}`));
  const write = (name: string, content: string) => writeFile(join(directory, name), content, { mode: 0o600 });
  await write("ca.crt", authority);
  await write("token", operatorToken);
  await write("stand-in.token", standInToken);
  await write("kubeconfig", JSON.stringify(operatorKubeconfig(settings.server), null, 2));
  await write("settings.json", JSON.stringify(settings, null, 2));
}

/** What a pod has in its service account's directory, as a kubeconfig. JSON is YAML. */
function operatorKubeconfig(server: string) {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "embedded", cluster: { server, "certificate-authority": "ca.crt" } }],
    users: [{ name: "operator", user: { tokenFile: "token" } }],
    contexts: [{ name: "embedded", context: { cluster: "embedded", user: "operator" } }],
    "current-context": "embedded",
  };
}

/**
 * Starts the stand-in, which starts the operator, and waits until that answers.
 *
 * @throws ToolchainError on a machine that gives no namespaces
 * @throws PortTakenError
 * @throws Error with the end of its log
 */
export async function startStandIn(
  binary: string,
  directory: string,
  dieWithParent: boolean,
  progress?: ProgressListener,
): Promise<OperatorReadiness> {
  const log = join(directory, "logs", "up.log");
  await rm(log, { force: true });
  await rm(join(directory, "logs", "operator.log"), { force: true });
  await (await open(log, "a", 0o600)).close();
  const output = openSync(log, "a");
  const child = spawn(binary, ["up", directory], {
    detached: true,
    cwd: directory,
    // It reads a pipe that only this process holds: however this one ends, the pipe does too.
    stdio: [dieWithParent ? "pipe" : "ignore", output, output],
    env: {},
  });
  closeSync(output);
  child.unref();
  (child.stdin as Socket | null)?.unref();
  let ended: { code: number | null; how: string } | undefined;
  child.on("error", ({ message }) => {
    ended = { code: null, how: message };
  });
  child.on("exit", (code, signalName) => {
    ended = { code, how: signalName ? `killed by ${signalName}` : `exit code ${code}` };
  });

  const watch = stopwatch(progress);
  try {
    for (const end = performance.now() + startSeconds * 1000; performance.now() < end; await sleep(50)) {
      const ready = await findReadyOperator(directory);
      if (ready && ready.pid === child.pid) return ready;
      if (ended !== undefined) throw failure(ended, log, await lastLines(log, 20));
      watch.report({ step: "Starting the CloudNativePG operator", expectedSeconds: 3 });
    }
    child.kill();
    throw new Error(`The CloudNativePG operator was not ready within ${startSeconds} s. See ${log}`);
  } finally {
    watch.stop();
  }
}

function failure({ code, how }: { code: number | null; how: string }, log: string, lines: string): Error {
  if (code === noNamespaces) {
    const cause = /this machine gives no network namespace: (.+)/.exec(lines)?.[1];
    return new ToolchainError(
      `The CloudNativePG operator needs a network namespace, which this machine does not give it${cause ? `: ${cause}` : ""}.`,
      "Run it as root, or allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu), or go on without the operators.",
    );
  }
  if (lines.includes("address already in use")) return new PortTakenError(lines);
  return new Error(
    `The CloudNativePG operator ended before it was ready (${how}). The end of ${log}:\n${lines}`,
  );
}

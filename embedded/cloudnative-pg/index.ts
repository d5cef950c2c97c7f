import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { findReady } from "../control-plane/state.ts";
import {
  cacheDirectory,
  ensureDirectory,
  type ProgressListener,
  stopwatch,
  withLock,
} from "../toolchain/index.ts";
import { operatorBinaries } from "./binaries.ts";
import { findUsable, type Launch, launchOperator } from "./launch.ts";
import { readManifest } from "./manifest.ts";
import { isReady } from "./ports.ts";
import { findReadyOperator, findStandIn, operatorDirectory, readSettings } from "./state.ts";
import { endProcesses, forgetWebhooks } from "./stop.ts";

export { operatorBinaries, operatorVersion } from "./binaries.ts";

export interface OperatorOptions {
  /** A control plane that runs. The operator's resource definitions are applied if they are missing. */
  readonly controlPlane: { readonly stateDir: string };
  /** Whether an operator started by this call ends with this process, however that ends. @default false */
  readonly dieWithParent?: boolean;
  readonly progress?: ProgressListener;
}

export interface Operator {
  /** Of the process that its other ones are children of. */
  readonly pid: number;
  /** Of CloudNativePG, like "1.29.0". */
  readonly version: string;
  /** Whether this call started it; false when it was found running. */
  readonly started: boolean;
  /** The directory of its logs. */
  readonly logs: string;
}

/**
 * Gives a control plane the real CloudNativePG operator and its webhooks: the one that runs, or a new one, which is
 * built first if need be. It goes on running after this process unless `dieWithParent` is set, but never longer than
 * the control plane. Of two calls at once the second finds what the first one started.
 *
 * @throws ToolchainError when it cannot be built, or when this machine gives no network namespace
 * @throws Error with the end of its log when it does not start; nothing of it runs then
 */
export async function ensureOperator(options: OperatorOptions): Promise<Operator> {
  const { progress, dieWithParent = false } = options;
  const stateDir = resolve(options.controlPlane.stateDir);
  const controlPlane = await findReady(stateDir);
  if (controlPlane === undefined) throw new Error(`No control plane runs on ${stateDir}.`);
  const binaries = await operatorBinaries(progress);
  const manifest = await readManifest();
  return alone(stateDir, progress, async () => {
    const directory = await ensureDirectory(operatorDirectory(stateDir));
    const launch: Launch = { controlPlane, stateDir, directory, binaries, manifest, dieWithParent, progress };
    const running = await findUsable(launch);
    if (running === undefined) await endProcesses(stateDir);
    const { pid, version } = running ?? (await launchOperator(launch));
    return { pid, version, started: running === undefined, logs: join(directory, "logs") };
  });
}

/**
 * Stops the operator of a control plane and takes its webhooks away, so that Clusters can be changed without it. Its
 * databases stay as they are. None running is no error; webhooks that a killed one left behind are taken away too.
 *
 * @returns whether one was running
 * @throws Error when it cannot be ended
 */
export async function stopOperator(options: { stateDir: string }): Promise<boolean> {
  const stateDir = resolve(options.stateDir);
  return alone(stateDir, undefined, async () => {
    // While it still runs, or changes of a Cluster that arrive meanwhile would fail.
    await forgetWebhooks(stateDir);
    return endProcesses(stateDir);
  });
}

export interface OperatorStatus {
  /** `starting` also while it stops; `unresponsive` is up by its own account but does not answer. */
  readonly state: "stopped" | "starting" | "ready" | "unresponsive";
  readonly pid?: number;
  readonly version?: string;
}

/** Looks whether the operator of a control plane runs, and whether it answers. Changes nothing. */
export async function operatorStatus(options: { stateDir: string }): Promise<OperatorStatus> {
  const directory = operatorDirectory(resolve(options.stateDir));
  const ready = await findReadyOperator(directory);
  if (ready) {
    const port = (await readSettings(directory))?.webhookPort;
    const state = port !== undefined && (await isReady(port)) ? "ready" : "unresponsive";
    return { state, pid: ready.pid, version: ready.version };
  }
  const standIn = await findStandIn(directory);
  return standIn ? { state: "starting", pid: standIn.pid } : { state: "stopped" };
}

/** One line for a summary; undefined when no operator runs. */
export function operatorLine({ state, version }: OperatorStatus): string | undefined {
  const words: Record<OperatorStatus["state"], string | undefined> = {
    stopped: undefined,
    starting: "CloudNativePG is starting or stopping",
    ready: `CloudNativePG ${version} decides about databases; its instances are stand-ins, no PostgreSQL runs`,
    unresponsive: "CloudNativePG does not answer; `npm run local -- --operators` restarts it",
  };
  return words[state];
}

/** One process at a time starts or stops the operator of a control plane. */
function alone<T>(
  stateDir: string,
  progress: ProgressListener | undefined,
  action: () => Promise<T>,
): Promise<T> {
  const watch = stopwatch(progress);
  // Outside the directory, which is wiped with the control plane's.
  const name = `cloudnative-pg-${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}`;
  const step = "Waiting for another run that starts or stops the CloudNativePG operator";
  return withLock(
    cacheDirectory("locks", name),
    () => watch.report({ step }),
    () => {
      watch.stop();
      return action();
    },
  ).finally(() => watch.stop());
}

import { createHash } from "node:crypto";
import { readlink, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory, ensureDirectory } from "../toolchain/cache.ts";
import { ensureCrds } from "../toolchain/crds.ts";
import { withLock } from "../toolchain/lock.ts";
import { type ProgressListener, stopwatch } from "../toolchain/progress.ts";
import { controlPlaneBinary } from "./binary.ts";
import { kubeClient } from "./client.ts";
import { startControlPlane } from "./start.ts";
import { findReady, findSupervisor, type Readiness } from "./state.ts";
import { removeState, stopRunning, volumeDirectories } from "./stop.ts";

export { type KubeClient, KubeError, kubeClient } from "./client.ts";
export { clearLoad, type SimulatedLoad, simulateLoad } from "./load.ts";

export interface ControlPlaneOptions {
  /** Where everything is kept; made if need be, mode 0700. A later run finds its objects again. */
  readonly stateDir: string;
  /** Simulated nodes, over three zones. Ignored for one that runs already. @default 3 */
  readonly nodes?: number;
  /** Port of the API server. @default 0: the one of the last run, or any free one */
  readonly port?: number;
  /** Whether to apply the CRDs of the operators the program uses. @default true */
  readonly crds?: boolean;
  /** Whether a control plane started by this call ends with this process, however that ends. @default false */
  readonly dieWithParent?: boolean;
  readonly progress?: ProgressListener;
}

export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Like "https://127.0.0.1:40123". */
  readonly server: string;
  /** Of the supervisor, which every other process is a child of. */
  readonly pid: number;
  /** Whether this call started it; false when it was found running. */
  readonly started: boolean;
  readonly binary: string;
  /** A kubectl of the same version, for `KUBECONFIG=… kubectl …`. */
  readonly kubectl: string;
  /** Of Kubernetes, like "v1.36.3". */
  readonly version: string;
}

/**
 * Gives a control plane that answers: the one that runs on the state directory, or a new one, which is
 * built first if need be. It goes on running after this process unless `dieWithParent` is set. Two
 * calls at once, also from two processes, give the same one. One that runs but was built from another
 * state of the source is started anew on its state.
 *
 * @throws ToolchainError when the binary or the CRDs cannot be had
 * @throws Error with the end of its log when it does not start
 */
export async function ensureControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { progress } = options;
  const stateDir = await ensureDirectory(resolve(options.stateDir));
  const binary = await controlPlaneBinary(progress);
  return alone(stateDir, progress, async () => {
    const running = await findUsable(stateDir, binary, progress);
    const ready =
      running ??
      (await startControlPlane({
        binary,
        stateDir,
        nodes: options.nodes ?? 3,
        port: options.port ?? 0,
        dieWithParent: options.dieWithParent ?? false,
        progress,
      }));
    if (options.crds ?? true) await ensureCrds({ kubeconfig: ready.kubeconfig, progress });
    return {
      kubeconfig: ready.kubeconfig,
      server: ready.server,
      pid: ready.pid,
      started: running === undefined,
      binary,
      kubectl: join(stateDir, "bin", "kubectl"),
      version: ready.version,
    };
  });
}

/**
 * Stops the control plane of a state directory and waits until it has ended; its objects are kept.
 * None running is no error.
 *
 * @param options.wipe also removes the state directory, and with it every object
 * @returns whether one was running
 * @throws Error when it cannot be ended, or when the directory to wipe is no control plane's
 */
export async function stopControlPlane(options: { stateDir: string; wipe?: boolean }): Promise<boolean> {
  const stateDir = resolve(options.stateDir);
  return alone(stateDir, undefined, async () => {
    const volumes = options.wipe ? await volumeDirectories(stateDir) : [];
    const stopped = await stopRunning(stateDir);
    if (options.wipe) await removeState(stateDir, volumes);
    return stopped;
  });
}

export interface ControlPlaneStatus {
  /** `starting` also while it stops; `unresponsive` is up by its own account but does not answer. */
  readonly state: "stopped" | "starting" | "ready" | "unresponsive";
  readonly pid?: number;
  readonly server?: string;
  readonly kubeconfig?: string;
  readonly nodes?: number;
  readonly version?: string;
}

/** Looks whether a control plane runs on a state directory, and whether it answers. Changes nothing. */
export async function controlPlaneStatus(options: { stateDir: string }): Promise<ControlPlaneStatus> {
  const stateDir = resolve(options.stateDir);
  const ready = await findReady(stateDir);
  if (ready) {
    const { pid, server, kubeconfig, nodes, version } = ready;
    const state = (await answers(ready)) ? "ready" : "unresponsive";
    return { state, pid, server, kubeconfig, nodes, version };
  }
  const supervisor = await findSupervisor(stateDir);
  return supervisor ? { state: "starting", pid: supervisor.pid } : { state: "stopped" };
}

/** A running control plane of this binary that answers; any other on the directory is stopped. */
async function findUsable(
  stateDir: string,
  binary: string,
  progress: ProgressListener | undefined,
): Promise<Readiness | undefined> {
  const watch = stopwatch(progress);
  try {
    const ready = await findReady(stateDir);
    const sameBinary = ready && (await readlink(`/proc/${ready.pid}/exe`)) === (await realpath(binary));
    // A part that died is back within seconds; one that stays away means a fresh start.
    for (let i = 0; sameBinary && i < 100; i++) {
      if (await answers(ready)) return ready;
      watch.report({ step: "Waiting for the control plane to answer again" });
      await sleep(200);
    }
    if (await findSupervisor(stateDir)) {
      watch.report({
        step: `Restarting the control plane${ready && !sameBinary ? ": it was built anew" : ""}`,
      });
      await stopRunning(stateDir);
    }
    return undefined;
  } finally {
    watch.stop();
  }
}

async function answers({ kubeconfig }: Readiness): Promise<boolean> {
  const client = await kubeClient(kubeconfig);
  try {
    return (await client.call("GET", "/readyz")).status === 200;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

/** One process at a time starts or stops the control plane of a directory. */
function alone<T>(
  stateDir: string,
  progress: ProgressListener | undefined,
  action: () => Promise<T>,
): Promise<T> {
  const watch = stopwatch(progress);
  // Outside the directory, as wiping that must not remove the lock under its holder.
  const name = `control-plane-${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}`;
  const waiting = (holder: number | undefined) =>
    watch.report({
      step: `Waiting for another run that starts or stops the control plane${holder ? ` (process ${holder})` : ""}`,
    });
  return withLock(cacheDirectory("locks", name), waiting, () => {
    watch.stop();
    return action();
  }).finally(() => watch.stop());
}

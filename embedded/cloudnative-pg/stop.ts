import { rm } from "node:fs/promises";
import { join } from "node:path";
import { kubeClient } from "../control-plane/index.ts";
import { hasEnded, signal } from "../control-plane/process.ts";
import { findReady } from "../control-plane/state.ts";
import { removeWebhooks } from "./install.ts";
import { findStandIn, operatorDirectory } from "./state.ts";

/** The operator has 10 s to end by itself, and the part around it a little more. */
const stopSeconds = 20;

/**
 * Ends the operator of a control plane and everything that was started with it. Its namespaces go with their last
 * process: there is nothing to take back.
 *
 * @returns whether one was running
 */
export async function endProcesses(stateDir: string): Promise<boolean> {
  const directory = operatorDirectory(stateDir);
  const running = await findStandIn(directory);
  if (running) {
    await signal(running, "SIGTERM");
    if (!(await hasEnded(running, stopSeconds))) {
      // Its parts die with it.
      await signal(running, "SIGKILL");
      if (!(await hasEnded(running, 5)))
        throw new Error(`The CloudNativePG operator of ${stateDir} (process ${running.pid}) does not end.`);
    }
  }
  for (const secret of ["token", "stand-in.token", "webhook"])
    await rm(join(directory, secret), { recursive: true, force: true });
  return running !== undefined;
}

/**
 * Takes the webhooks of an operator that does not run out of a control plane, if that runs: they would refuse every
 * change of a Cluster.
 */
export async function forgetWebhooks(stateDir: string): Promise<void> {
  const controlPlane = await findReady(stateDir);
  if (controlPlane === undefined) return;
  const client = await kubeClient(controlPlane.kubeconfig);
  try {
    await removeWebhooks(client);
  } catch {
    // An API server that does not answer must not keep anyone from stopping.
  } finally {
    client.close();
  }
}

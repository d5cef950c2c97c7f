import { statSync } from "node:fs";
import path from "node:path";
import { operatorStatus } from "../cloudnative-pg/index.ts";
import { type ControlPlaneStatus, controlPlaneStatus } from "../control-plane/index.ts";
import { readCluster } from "./cluster.ts";
import { readLastUp } from "./last-up.ts";
import { LOCAL_STACK, type LocalPaths } from "./paths.ts";
import type { Summary } from "./summary.ts";

/** Reads the summary of what runs; undefined when no control plane answers. */
export async function readStatus(paths: LocalPaths): Promise<Summary | undefined> {
  const status = await controlPlaneStatus({ stateDir: paths.controlPlane });
  const { kubeconfig, pid } = status;
  if (status.state !== "ready" || kubeconfig === undefined || pid === undefined) {
    return undefined;
  }
  const operator = await operatorStatus({ stateDir: paths.controlPlane });
  return {
    stack: LOCAL_STACK,
    runningSince: startOf(pid),
    server: status.server ?? "",
    kubernetes: status.version ?? "",
    nodes: status.nodes ?? 0,
    kubeconfig,
    kubectl: path.join(paths.controlPlane, "bin", "kubectl"),
    cluster: await readCluster(kubeconfig),
    operator: operator.state === "ready" ? operator.version : undefined,
    ...readLastUp(paths),
    timings: [],
  };
}

/** Why {@link readStatus} found nothing, in words. */
export async function whyNotRunning(paths: LocalPaths): Promise<string> {
  const { state, pid } = await controlPlaneStatus({ stateDir: paths.controlPlane });
  const words: Record<ControlPlaneStatus["state"], string> = {
    stopped: "nothing is running here; `npm run local` starts it",
    starting: `the control plane is starting or stopping (process ${pid})`,
    unresponsive: `the control plane (process ${pid}) does not answer; \`npm run local\` restarts it`,
    ready: "the control plane runs",
  };
  return words[state];
}

/** When a process was started: its folder in /proc is made then. */
function startOf(pid: number): string {
  return statSync(`/proc/${pid}`).ctime.toISOString();
}

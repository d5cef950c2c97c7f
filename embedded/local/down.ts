import { existsSync, rmSync } from "node:fs";
import { stopOperator } from "../cloudnative-pg/index.ts";
import { ensureControlPlane, stopControlPlane } from "../control-plane/index.ts";
import { newOperation } from "../engine/events.ts";
import { forgetProviders } from "../engine/providers.ts";
import { shortProgress } from "../engine/short-progress.ts";
import type { Progress } from "../toolchain/index.ts";
import type { Interrupt } from "./interrupts.ts";
import { removeLastUp } from "./last-up.ts";
import { forgetOperators, operatorsWanted } from "./operators.ts";
import type { LocalPaths } from "./paths.ts";
import { openSession, resourcesInState, runLocal } from "./session.ts";
import { changesText } from "./terminal/changes.ts";
import { progressDetails, progressStatus } from "./terminal/progress.ts";
import type { Screen } from "./terminal/screen.ts";
import { Steps } from "./terminal/steps.ts";

export interface DownOptions {
  paths: LocalPaths;
  screen: Screen;
  /** Leave the control plane running, empty. */
  keepControlPlane: boolean;
  /** Do not ask the engine: stop and remove everything that is kept. */
  force: boolean;
  interrupt: Interrupt;
}

/** What {@link down} did, for `--json`. */
export interface DownReport {
  deleted: number;
  stopped: boolean;
  wiped: boolean;
}

/** Takes the local stack away and stops the control plane. Nothing to take away is no error. */
export async function down(options: DownOptions): Promise<DownReport> {
  const { paths, screen, force, keepControlPlane } = options;
  if (force) {
    const steps = new Steps(screen, 1);
    return steps.run("remove everything", {}, async (control) => {
      const known = existsSync(paths.controlPlane);
      if (known) await stopOperator({ stateDir: paths.controlPlane });
      const stopped = known && (await stopControlPlane({ stateDir: paths.controlPlane, wipe: true }));
      rmSync(paths.engine, { recursive: true, force: true });
      removeLastUp(paths);
      forgetOperators(paths);
      control.result("state of the stack and of the control plane");
      return { deleted: 0, stopped, wiped: true };
    });
  }
  const resources = resourcesInState(paths.engine);
  const clusterIsKnown = existsSync(paths.controlPlane);
  if (resources > 0 && !clusterIsKnown) {
    screen.print(
      "the control plane's state is gone, and the stack's objects with it: the stack's state is removed too",
    );
    rmSync(paths.engine, { recursive: true, force: true });
  }
  const destroys = resources > 0 && clusterIsKnown;
  const steps = new Steps(screen, (destroys ? 2 : 0) + (keepControlPlane ? 0 : 1));
  const deleted = destroys ? await destroy(options, steps) : 0;
  removeLastUp(paths);
  if (operatorsWanted(paths) && clusterIsKnown) await stopOperator({ stateDir: paths.controlPlane });
  forgetOperators(paths);
  if (keepControlPlane) {
    return { deleted, stopped: false, wiped: false };
  }
  const stopped = await steps.run("stop the control plane", { expectedMs: 3_000 }, async (control) => {
    const was = clusterIsKnown && (await stopControlPlane({ stateDir: paths.controlPlane }));
    control.result(was ? "stopped" : "was not running");
    return was;
  });
  return { deleted, stopped, wiped: false };
}

async function destroy({ paths, screen, interrupt }: DownOptions, steps: Steps): Promise<number> {
  const { session, kubeconfig } = await steps.run("control plane", {}, async (control) => {
    const progress = (state: Progress) => control.status(shortProgress(state));
    const [opened, running] = await interrupt.orStop(
      Promise.all([
        openSession(paths, control.status),
        ensureControlPlane({ stateDir: paths.controlPlane, crds: false, progress }),
      ]),
    );
    control.result(running.started ? "started, to delete the stack's objects" : "runs");
    return { session: opened, kubeconfig: running.kubeconfig };
  });
  let operation = newOperation();
  const details = (now: number) => progressDetails(operation, now, screen.width);
  return steps.run("delete the stack", { details }, async (control) => {
    const { changes } = await runLocal(session, "destroy", {
      kubeconfig,
      paths,
      signal: interrupt.signal,
      interrupted: interrupt.requested,
      onEvent: (state) => {
        operation = state;
        control.status(progressStatus(state));
      },
      onRecovered: (what) => control.note(what),
    });
    forgetProviders(session.directory);
    control.result(changesText(changes));
    return changes.delete ?? 0;
  });
}

import { ensureOperator } from "../cloudnative-pg/index.ts";
import { controlPlaneBinary } from "../control-plane/binary.ts";
import { ensureControlPlane } from "../control-plane/index.ts";
import { newOperation } from "../engine/events.ts";
import { usedProviders } from "../engine/providers.ts";
import { shortProgress } from "../engine/short-progress.ts";
import { ensureCrds } from "../toolchain/crds.ts";
import type { ProgressListener } from "../toolchain/index.ts";
import type { Interrupt } from "./interrupts.ts";
import { writeLastUp } from "./last-up.ts";
import { operatorsWanted, wantOperators } from "./operators.ts";
import { LOCAL_STACK, type LocalPaths } from "./paths.ts";
import { checkConfig, loadProgram, openSession, runLocal } from "./session.ts";
import { readStatus } from "./status.ts";
import { masked, type Summary } from "./summary.ts";
import { changesText } from "./terminal/changes.ts";
import { progressDetails, progressStatus } from "./terminal/progress.ts";
import type { Screen } from "./terminal/screen.ts";
import { type StepControl, Steps } from "./terminal/steps.ts";

export interface UpOptions {
  paths: LocalPaths;
  screen: Screen;
  /** Make the real database operator part of the stack. */
  operators?: boolean;
  policyPack?: string;
  expectNoChanges?: boolean;
  interrupt: Interrupt;
}

/** Measured on two cores; shown beside the elapsed time. */
const USUAL_MS = { controlPlane: 6_000, crds: 6_000, operator: 5_000 };

/**
 * Stands the local stack up: builds what is missing, starts the control plane, brings the stack to what the
 * program says.
 *
 * @returns the summary, for a person or as JSON
 * @throws ToolchainError or EngineError
 */
export async function up(options: UpOptions): Promise<Summary> {
  const { paths, screen, interrupt } = options;
  // Before anything is built: a mistake is then told at once.
  checkConfig(LOCAL_STACK);
  if (options.operators) wantOperators(paths);
  const operators = operatorsWanted(paths);
  const steps = new Steps(screen, operators ? 5 : 4);

  const session = await steps.run("programs", {}, async (control) => {
    const lines = progressLines(control);
    const [opened] = await interrupt.orStop(
      Promise.all([openSession(paths, lines.line), controlPlaneBinary(lines.listener), loadProgram()]),
    );
    const { version, origin } = opened.engine;
    control.result(
      `Pulumi ${version} (${{ path: "on PATH", installed: "downloaded", built: "built here" }[origin]})`,
    );
    return opened;
  });

  const controlPlane = await steps.run(
    "control plane",
    { expectedMs: USUAL_MS.controlPlane },
    async (control) => {
      const { listener: progress } = progressLines(control);
      const running = await interrupt.orStop(
        ensureControlPlane({ stateDir: paths.controlPlane, crds: false, progress }),
      );
      control.result(
        `Kubernetes ${running.version} at ${running.server}${running.started ? "" : ", was running"}`,
      );
      return running;
    },
  );

  await steps.run("resource definitions", { expectedMs: USUAL_MS.crds }, async (control) => {
    const { listener: progress } = progressLines(control);
    const applied = await interrupt.orStop(ensureCrds({ kubeconfig: controlPlane.kubeconfig, progress }));
    control.result(applied === 0 ? "all there" : `${applied} applied`);
  });

  if (operators) {
    await steps.run("database operator", { expectedMs: USUAL_MS.operator }, async (control) => {
      const { listener: progress } = progressLines(control);
      const controlPlane = { stateDir: paths.controlPlane };
      const running = await interrupt.orStop(ensureOperator({ controlPlane, progress }));
      control.result(`CloudNativePG ${running.version}${running.started ? "" : ", was running"}`);
    });
  }

  let operation = newOperation();
  const details = (now: number) => progressDetails(operation, now, screen.width);
  const result = await steps.run("stack local", { details }, async (control) => {
    const done = await runLocal(session, "up", {
      kubeconfig: controlPlane.kubeconfig,
      paths,
      program: await loadProgram(),
      policyPack: options.policyPack,
      expectNoChanges: options.expectNoChanges,
      signal: interrupt.signal,
      interrupted: interrupt.requested,
      onEvent: (state) => {
        operation = state;
        control.status(progressStatus(state));
      },
      onRecovered: (what) => control.note(what),
    });
    control.result(changesText(done.changes));
    return done;
  });

  for (const { severity, message } of result.diagnostics) {
    screen.print(`  ${screen.colours.yellow(severity)} ${message}`);
  }
  writeLastUp(paths, {
    outputs: masked(result.outputs),
    providers: usedProviders(session.providers, result.operation),
  });
  const summary = await readStatus(paths);
  if (summary === undefined) {
    throw new Error(`the control plane ended meanwhile; its logs are in ${paths.controlPlane}`);
  }
  return { ...summary, timings: steps.timings };
}

/** Makes one status line of what goes on side by side. */
function progressLines(control: StepControl): { listener: ProgressListener; line: (text: string) => void } {
  let first = "";
  let second = "";
  const show = () => control.status([first, second].filter((each) => each !== "").join("; "));
  return {
    listener: (progress) => {
      first = shortProgress(progress);
      show();
    },
    line: (text) => {
      second = text;
      show();
    },
  };
}

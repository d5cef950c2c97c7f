import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  CommandError,
  type EngineEvent,
  type OpMap,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { type Attached, attachStandIns } from "../providers/index.ts";
import { inDoubt, repair, settle } from "./after-kill.ts";
import { dropDebugMessages } from "./debug-messages.ts";
import { EngineError } from "./errors.ts";
import { applyEvent, type Diagnostic, newOperation, type Operation } from "./events.ts";
import { describeFailure } from "./failure.ts";
import { takingOver } from "./in-doubt.ts";
import type { Engine } from "./locate.ts";
import { OperationLog } from "./log.ts";
import { isOwn, type OwnDirectory, openOwnStack } from "./own.ts";
import { cutPlannedValues, withoutPlannedValues } from "./planned-values.ts";
import { checkPolicyPack } from "./policy.ts";
import { type PolicyServer, servePolicies } from "./policy-server.ts";
import { type EngineDirectory, type OpenedStack, openStack } from "./workspace.ts";

/** What {@link runEngine} does with a stack. */
export type EngineAction = "preview" | "up" | "refresh" | "preview-refresh" | "destroy";

export interface RunOptions {
  engine: Engine;
  action: EngineAction;
  stack: string;
  /** The folder with Pulumi.yaml and Pulumi.<stack>.yaml. */
  projectDir: string;
  /** Not called by a refresh and by `destroy`. One that is still being loaded is waited for while the engine starts. */
  program: PulumiFn | Promise<PulumiFn>;
  /**
   * Stand-ins that this process serves to the engine, which saves the start of a process for each. Those that are
   * not named are started by the engine, from its PATH.
   * @default none
   */
  standIns?: readonly string[];
  /** Where the state is: in a directory of ours, or wherever the person's own Pulumi is logged in. */
  directory: EngineDirectory | OwnDirectory;
  /** Where the log of this run is written; made if needed. */
  logDir: string;
  /** A folder with PulumiPolicy.yaml. @default none */
  policyPack?: string;
  /** A JSON file with levels and settings of its policies. @default none */
  policyPackConfig?: string;
  /** Fail if anything changes. @default false */
  expectNoChanges?: boolean;
  /** Have `preview` and `up` ask first what is really there. @default false */
  refresh?: boolean;
  /** A file with an update plan: `preview` writes it, and `up` does what it says or nothing. @default none */
  plan?: string;
  /** What `up` is told of in the stack's history. @default none */
  message?: string;
  /** URNs: `preview` and `up` leave every other resource as it is. @default all */
  targets?: readonly string[];
  /** URNs, in which `**` stands for anything: `preview` and `up` leave these as they are. @default none */
  except?: readonly string[];
  /** Let `preview` write the differences of each property to `onOutput`. @default false */
  diff?: boolean;
  /** Settings by path, over those of the stack file. @default none */
  settings?: Readonly<Record<string, unknown>>;
  /** Environment of the engine and its providers, such as KUBECONFIG. */
  env?: Record<string, string>;
  /** Called after each event, with the picture as it is now. */
  onEvent?: (operation: Operation, event: EngineEvent) => void;
  /** The engine's own text, as it comes. */
  onOutput?: (text: string) => void;
  /** Called once for each thing that had to be repaired before or after this run. */
  onRecovered?: (what: string) => void;
  /** Asks the engine to stop after what it is doing. */
  signal?: AbortSignal;
  /** Whether someone asked to stop, also by a way that `signal` does not know. @default the signal's state */
  interrupted?: () => boolean;
}

export interface OutputValue {
  value: unknown;
  secret: boolean;
}

export interface RunResult {
  /** How many resources by operation: `{ create: 3, same: 2 }`. */
  changes: OpMap;
  /** Of `up`: with secrets. Of `preview`: what is known before; secrets read "[secret]". */
  outputs: Record<string, OutputValue>;
  operation: Operation;
  /** Warnings and policy advice. */
  diagnostics: Diagnostic[];
  /** Encrypted config values that a placeholder stood in for. */
  withheld: string[];
  logPath: string;
  milliseconds: number;
}

/**
 * Runs one operation of the Pulumi engine on a stack, with state, copies of the project's files and login of
 * our own: the working tree and the user's Pulumi account stay as they are.
 *
 * @throws EngineError with the diagnostics of what failed, and the path of the full log
 */
export async function runEngine(options: RunOptions): Promise<RunResult> {
  const started = Date.now();
  const log = new OperationLog(options.logDir, `${options.action}-${options.stack}`);
  const operation = newOperation();
  const bound = options.action === "up" && options.plan !== undefined;
  dropDebugMessages();
  let thrown: unknown;
  let attached: Attached | undefined;
  let policies: PolicyServer | undefined;
  const program: PulumiFn = async () => {
    try {
      return await (await options.program)();
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  try {
    const policyPacks = options.policyPack === undefined ? [] : [checkPolicyPack(options.policyPack)];
    policies = servePolicies(options.directory.bin, options.stack, policyPacks[0]);
    const [{ stack, withheld }] = await Promise.all([openStackOf({ ...options, program }), options.program]);
    const recovered = (done: readonly string[]) => {
      for (const what of done) {
        log.write(`${what}\n`);
        options.onRecovered?.(what);
      }
    };
    recovered(await repair(stack, options));
    const doubted = await inDoubt(stack, options);
    const env = { ...options.env, ...takingOver(doubted) };
    attached = await attachStandIns(options.standIns ?? [], { ...process.env, ...env });
    Object.assign(stack.workspace.envVars, attached.env, env);
    if (wasInterrupted(options)) {
      throw new EngineError("interrupted", "interrupted before anything was done");
    }
    const result = await act(stack, options, {
      policyPacks,
      policyPackConfigs:
        options.policyPackConfig === undefined ? [] : [path.resolve(options.policyPackConfig)],
      onEvent: (said) => {
        const event = withoutPlannedValues(said);
        applyEvent(operation, event, Date.now());
        log.event(event);
        options.onEvent?.(operation, event);
      },
      // Bound to a plan, the engine prints secrets into it; what it has to say comes with the events, too.
      onOutput: (text) => {
        if (bound) return;
        log.write(text);
        options.onOutput?.(text);
      },
      onError: (text) => bound || log.write(text),
      signal: options.signal,
    });
    recovered(await settle(stack, options, doubted, operation));
    return {
      changes: result.changes ?? operation.changes ?? {},
      outputs: result.outputs ?? plainOutputs(operation),
      operation,
      diagnostics: operation.diagnostics,
      withheld,
      logPath: log.path,
      milliseconds: Date.now() - started,
    };
  } catch (error) {
    if (error instanceof EngineError || !(error instanceof CommandError || error instanceof Error)) {
      throw error;
    }
    log.write(`${cutPlannedValues(error.stack ?? error.message)}\n`);
    const broken = policies?.failure();
    if (broken !== undefined) {
      throw new EngineError("setup", `the policy pack ${options.policyPack} does not start:\n${broken}`, {
        logPath: log.path,
      });
    }
    throw describeFailure({
      operation,
      stack: options.stack,
      error,
      thrown,
      interrupted: wasInterrupted(options),
      expectNoChanges: options.expectNoChanges ?? false,
      stderr: cutPlannedValues(error.message),
      logPath: log.path,
      projectDir: options.projectDir,
    });
  } finally {
    policies?.stop();
    attached?.close();
    log.close();
  }
}

function openStackOf(options: RunOptions & { program: PulumiFn }): Promise<OpenedStack> {
  const { directory } = options;
  return isOwn(directory) ? openOwnStack({ ...options, directory }) : openStack({ ...options, directory });
}

function wasInterrupted({ interrupted, signal }: RunOptions): boolean {
  return interrupted?.() ?? signal?.aborted ?? false;
}

interface Listeners {
  policyPacks: string[];
  policyPackConfigs: string[];
  onEvent: (event: EngineEvent) => void;
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  signal: AbortSignal | undefined;
}

async function act(
  stack: Stack,
  options: RunOptions,
  { policyPacks, policyPackConfigs, ...listeners }: Listeners,
): Promise<{ changes?: OpMap; outputs?: Record<string, OutputValue> }> {
  const { expectNoChanges, refresh, plan, message, targets, except } = options;
  const shared = { ...listeners, color: "never" as const, expectNoChanges };
  const update = {
    ...shared,
    policyPacks,
    policyPackConfigs,
    refresh,
    plan,
    ...(targets && { target: [...targets] }),
    ...(except && { exclude: [...except] }),
  };
  switch (options.action) {
    case "preview":
      return { changes: (await stack.preview({ ...update, diff: options.diff })).changeSummary };
    case "up":
      return { outputs: (await stack.up({ ...update, message, suppressOutputs: true })).outputs };
    case "preview-refresh":
      return { changes: (await stack.previewRefresh(shared)).changeSummary };
    case "refresh":
      await stack.refresh({ ...shared, suppressOutputs: true });
      return {};
    case "destroy":
      await stack.destroy({ ...listeners, color: "never" });
      return {};
  }
}

function plainOutputs(operation: Operation): Record<string, OutputValue> {
  return Object.fromEntries(
    Object.entries(operation.outputs).map(([name, value]) => {
      // The engine masks a secret's value in its events, and marks it.
      const secret = typeof value === "object" && value !== null && pulumi.runtime.specialSigKey in value;
      return [name, { value: secret ? "[secret]" : value, secret }];
    }),
  );
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ConfigError } from "../../config/errors.ts";
import { loadStackConfig } from "../../config/load.ts";
import { readStackFile } from "../../config/stack-file.ts";
import { type EngineAction, type RunOptions, type RunResult, runEngine } from "../engine/engine.ts";
import { EngineError } from "../engine/errors.ts";
import { programMessage } from "../engine/failure.ts";
import { type Engine, locateEngine } from "../engine/locate.ts";
import { chooseProviders, type ProviderChoice, standInNames } from "../engine/providers.ts";
import { type EngineDirectory, keptDirectory } from "../engine/workspace.ts";
import { operatorSettings } from "./operators.ts";
import { LOCAL_STACK, type LocalPaths, PROJECT_DIR } from "./paths.ts";

/** An engine ready to work on the local stack. */
export interface Session {
  engine: Engine;
  directory: EngineDirectory;
  providers: ProviderChoice[];
}

/** Finds the engine and the providers, and opens the state of the local stack. */
export async function openSession(paths: LocalPaths, progress: (line: string) => void): Promise<Session> {
  const engine = await locateEngine({ progress });
  const directory = keptDirectory(paths.engine);
  // The official AWS provider would make real buckets with whatever credentials it finds.
  const providers = await chooseProviders({ engine, directory, simulated: ["aws"], progress });
  return { engine, directory, providers };
}

/** The Pulumi program, at a time; now unless told. */
export type Program = (now?: Date) => Promise<Record<string, unknown>>;

/**
 * The Pulumi program, loaded when it is needed: that takes a second.
 *
 * @throws EngineError of kind `program` with the place, when it cannot be loaded
 */
export async function loadProgram(): Promise<Program> {
  try {
    const { default: program } = (await import("../../index.ts")) as { default: Program };
    return program;
  } catch (error) {
    throw error instanceof Error
      ? new EngineError("program", programMessage(error, PROJECT_DIR), { cause: error })
      : error;
  }
}

/**
 * Reads a stack's configuration as the program will, without an engine.
 *
 * @throws EngineError of kind `config` that lists every mistake
 */
export function checkConfig(stack: string): void {
  try {
    loadStackConfig(readStackFile(PROJECT_DIR, stack), `Pulumi.${stack}.yaml`);
  } catch (error) {
    throw error instanceof ConfigError ? new EngineError("config", error.message, { cause: error }) : error;
  }
}

/**
 * Runs the engine on the local stack and the embedded control plane.
 *
 * @param kubeconfig of the control plane; it reaches the Kubernetes provider by the environment
 */
export async function runLocal(
  session: Session,
  action: EngineAction,
  options: { kubeconfig: string; paths: LocalPaths } & Partial<RunOptions>,
): Promise<RunResult> {
  refuseOtherCluster();
  const { kubeconfig, paths, ...more } = options;
  return runEngine({
    ...session,
    standIns: standInNames(session.providers),
    settings: operatorSettings(paths),
    action,
    stack: LOCAL_STACK,
    projectDir: PROJECT_DIR,
    program: more.program ?? (async () => {}),
    logDir: paths.logs,
    ...more,
    env: {
      KUBECONFIG: kubeconfig,
      // The whole cluster is this stack's: an object that an interrupted run made without noting it is taken over.
      PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true",
      ...more.env,
    },
  });
}

/** Settings that would send the local stack to a cluster other than the embedded one. */
const ELSEWHERE = ["kubernetes:kubeconfig", "kubernetes:context", "kubernetes:cluster"];

function refuseOtherCluster(): void {
  const file = `Pulumi.${LOCAL_STACK}.yaml`;
  const { config = {} } = (parse(readFileSync(path.join(PROJECT_DIR, file), "utf8")) ?? {}) as {
    config?: object;
  };
  for (const key of ELSEWHERE) {
    if (key in config) {
      throw new EngineError(
        "config",
        `${file} sets ${key}: the stack would go to another cluster than the embedded one`,
        {
          hint: `take ${key} out of ${file}, or use a stack of its own for that cluster`,
        },
      );
    }
  }
}

/** The resources that the local stack's state lists; 0 when there is no state. */
export function resourcesInState(directory: string): number {
  const file = path.join(directory, "backend", ".pulumi", "stacks", "attic", `${LOCAL_STACK}.json`);
  if (!existsSync(file)) {
    return 0;
  }
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint?: { latest?: { resources?: unknown[] } };
  };
  return state.checkpoint?.latest?.resources?.length ?? 0;
}

import {
  type EngineAction,
  type RunOptions,
  type RunResult,
  runEngine,
} from "../../embedded/engine/engine.ts";
import { locateEngine } from "../../embedded/engine/locate.ts";
import { chooseProviders, standInNames } from "../../embedded/engine/providers.ts";
import { keptDirectory } from "../../embedded/engine/workspace.ts";
import { POLICIES } from "../../embedded/local/paths.ts";
import { loadProgram } from "../../embedded/local/session.ts";
import type { LivePaths } from "../paths.ts";
import { LIVE_STACK, stackEnvironment } from "./environment.ts";

/**
 * Runs the engine on the stack. It must run on the ground, where the cluster can be reached.
 * @throws EngineError in words for a person
 */
export async function runStack(
  paths: LivePaths,
  action: EngineAction,
  options: Partial<RunOptions> = {},
): Promise<RunResult> {
  // The engine is looked for where the person has it: the stack's own PATH begins with a link to it.
  const { PATH: _, ...environment } = stackEnvironment(paths);
  Object.assign(process.env, environment);
  const engine = await locateEngine();
  const directory = keptDirectory(paths.engine);
  const providers = await chooseProviders({ engine, directory, simulated: ["aws"] });
  return runEngine({
    engine,
    directory,
    standIns: standInNames(providers),
    action,
    stack: LIVE_STACK,
    projectDir: paths.project,
    program: loadProgram(),
    policyPack: POLICIES,
    logDir: paths.logs,
    env: environment,
    ...options,
  });
}

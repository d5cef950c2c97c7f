import { type RunResult, runEngine } from "../../embedded/engine/engine.ts";
import { type Engine, engineOnPath, MINIMUM_VERSION } from "../../embedded/engine/locate.ts";
import { ownDirectory } from "../../embedded/engine/own.ts";
import { localPaths, POLICIES } from "../../embedded/local/paths.ts";
import { loadProgram } from "../../embedded/local/session.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackOperation } from "./operation.ts";

/** Runs the program by the person's own `pulumi`, with its login, its backend and its plugins. */
export async function operateOwn({
  folder,
  now,
  env,
  progress,
  policies = true,
  ...operation
}: StackOperation): Promise<RunResult> {
  const program = loadProgram();
  // Waited for later; until then a failure has nobody to hear it.
  program.catch(() => {});
  const engine = await ownEngine(env, progress);
  const directory = ownDirectory();
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return await runEngine({
      ...operation,
      engine,
      directory,
      projectDir: folder,
      program: program.then((attic) => () => attic(now)),
      policyPack: policies ? POLICIES : undefined,
      logDir: localPaths().logs,
      env: Object.fromEntries(defined),
    });
  } finally {
    directory.discard();
  }
}

/**
 * The `pulumi` on a person's PATH.
 * @throws CliError when there is none that is recent enough
 */
export async function ownEngine(
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void = () => {},
): Promise<Engine> {
  const unfit: string[] = [];
  const engine = await engineOnPath(env.PATH ?? "", (line) => {
    unfit.push(line);
    progress(line);
  });
  if (engine) return engine;
  throw new CliError(
    EXIT.failed,
    unfit.join("; ") || `there is no \`pulumi\` on PATH, ${MINIMUM_VERSION} or newer, which updates stacks`,
    "install it as https://www.pulumi.com/docs/install/ says; stack local needs none after `npm run local`",
  );
}

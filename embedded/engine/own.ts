import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import type { Engine } from "./locate.ts";
import { type EngineDirectory, linkEngine, type OpenedStack } from "./workspace.ts";

/**
 * The person's own Pulumi, with its login, its backend and its plugins. Of ours is only what is first on the engine's
 * PATH: the engine itself and the policy analyzer.
 */
export interface OwnDirectory {
  own: true;
  root: string;
  bin: string;
  /** Removes it. */
  discard(): void;
}

/** Whether an engine works for the person's own Pulumi. */
export const isOwn = (directory: EngineDirectory | OwnDirectory): directory is OwnDirectory =>
  "own" in directory;

/** Makes the directory for one operation; it goes with the process, if it was not removed before. */
export function ownDirectory(): OwnDirectory {
  const root = mkdtempSync(path.join(tmpdir(), "attic-engine-"));
  const bin = path.join(root, "bin");
  mkdirSync(bin);
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once("exit", remove);
  const discard = () => {
    process.off("exit", remove);
    remove();
  };
  return { own: true, root, bin, discard };
}

/**
 * Opens a stack where the person's `pulumi` would, in the project's folder. It is not made when it is not there: that
 * takes a decision on how its secrets are encrypted. Nor is it selected: the person's selection stays what it is.
 */
export async function openOwnStack(options: {
  engine: Engine;
  /** The folder with Pulumi.yaml. */
  projectDir: string;
  stack: string;
  directory: OwnDirectory;
  program: PulumiFn;
  env?: Record<string, string>;
}): Promise<OpenedStack> {
  const { directory, engine } = options;
  linkEngine(directory.bin, engine);
  const workspace = await LocalWorkspace.create({
    workDir: options.projectDir,
    pulumiCommand: await PulumiCommand.get({ root: directory.root }),
    program: options.program,
    envVars: { PULUMI_SKIP_UPDATE_CHECK: "true", ...options.env },
  });
  // Every operation names its stack, and says when there is none.
  workspace.selectStack = async () => {};
  return { stack: await Stack.select(options.stack, workspace), withheld: [] };
}

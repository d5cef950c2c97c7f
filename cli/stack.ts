import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { nearest } from "../config/errors.ts";
import { loadStackConfig, type RawConfig } from "../config/load.ts";
import type { StackConfig } from "../config/resolve.ts";
import { readStackFile, stackNames } from "../config/stack-file.ts";
import { type Deployed, readOutputs } from "./deployed.ts";
import { type Deployment, noState } from "./deployments/index.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import type { World } from "./world.ts";

/** Which stack, of which project. */
export interface StackOptions {
  /** Its name, as `--stack` gives it. @default $PULUMI_STACK, else the selected one */
  stack?: string;
  /** The folder to start in, as `--cwd` gives it. @default where the person stands */
  cwd?: string;
}

/** A stack: what its file declares, and what its last update left behind. */
export interface OpenedStack {
  /** As Pulumi names it. */
  name: string;
  /** The project's folder, with Pulumi.yaml. */
  folder: string;
  /** The path of Pulumi.<stack>.yaml. */
  file: string;
  /** What the file says, as Pulumi hands it to a program. */
  raw: RawConfig;
  /** What the file declares. */
  config: StackConfig;
  /**
   * What was deployed.
   * @throws CliError when the stack has no state
   */
  deployed(): Promise<Deployed>;
  /** The state behind it, for what the outputs do not tell. */
  deployment(): Promise<Deployment>;
}

/**
 * Opens a stack. Pulumi is asked when something asks for what was deployed, and not before.
 * @throws ConfigError with every mistake in the stack's file
 * @throws CliError when there is no such stack
 */
export async function openStack(world: World, options: StackOptions): Promise<OpenedStack> {
  const folder = projectFolder(resolve(world.cwd, options.cwd ?? "."));
  const name =
    options.stack || world.env.PULUMI_STACK || (await world.deployments.selected(folder)) || unnamed(folder);
  // Pulumi names a stack with its organisation and project, and its file without.
  const short = name.split("/").at(-1) as string;
  const stacks = stackNames(folder);
  if (!stacks.includes(short)) {
    const meant = nearest(short, stacks);
    const hint = meant ? `did you mean ${meant}? ` : "";
    throw new CliError(
      EXIT.notFound,
      `there is no Pulumi.${short}.yaml in ${folder}`,
      hint + stacksThereAre(stacks),
    );
  }
  const raw = readStackFile(folder, short);
  const config = loadStackConfig(raw, `Pulumi.${short}.yaml`);
  let opened: Promise<Deployment> | undefined;
  const deployment = () => (opened ??= world.deployments.open(folder, name));
  return {
    name,
    folder,
    file: join(folder, `Pulumi.${short}.yaml`),
    raw,
    config,
    deployment,
    deployed: async () => {
      const outputs = await (await deployment()).outputs();
      if (Object.keys(outputs).length === 0) throw noState(name);
      return readOutputs(name, outputs);
    },
  };
}

/** The nearest folder with a Pulumi.yaml, from one upwards. */
function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (dirname(folder) === folder) {
      throw new CliError(
        EXIT.usage,
        `there is no Pulumi.yaml in ${from} or above`,
        "go to the project's folder, or name it with --cwd",
      );
    }
  }
}

function unnamed(folder: string): never {
  throw new CliError(
    EXIT.usage,
    "which stack? None was named and none is selected",
    `give --stack NAME or set PULUMI_STACK; ${stacksThereAre(stackNames(folder))}`,
  );
}

const stacksThereAre = (stacks: string[]) => `the stacks are: ${stacks.toSorted().join(", ")}`;

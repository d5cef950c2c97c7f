import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { STAND_INS, standInPath } from "../providers/index.ts";
import type { Operation } from "./events.ts";
import type { Engine } from "./locate.ts";
import { forgetRefusal, refusedLately, rememberRefusal } from "./refusals.ts";
import { sdkVersion } from "./versions.ts";
import type { EngineDirectory } from "./workspace.ts";

/** The providers of this project's program. */
export const PROVIDERS = ["kubernetes", "tls", "random", "aws"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Where one provider comes from, for the run and for the summary. */
export interface ProviderChoice {
  name: ProviderName;
  /** Of the SDK package, which is the version of the plugin that the program asks for. */
  version: string;
  kind: "official" | "stand-in";
  /** In words: "official", or "stand-in: " and what it lacks. */
  description: string;
}

/** The whole download, when someone answers; a refusal is noticed at the first failed attempt. */
const DOWNLOAD_LIMIT_MS = 60_000;

/**
 * Decides for each provider whether the official plugin or the project's stand-in serves it, and puts the
 * stand-ins on the engine's PATH. What was decided stays so for as long as the stack's state is there:
 * another implementation may see differences in resources that it did not make.
 */
export async function chooseProviders(options: {
  engine: Engine;
  directory: EngineDirectory;
  /** Stand-ins for all: they ask no cloud and no cluster unless told where one is. @default false */
  standInsOnly?: boolean;
  /** Always stand-ins, whatever can be had: providers of a cloud that nobody means to reach. @default none */
  simulated?: readonly ProviderName[];
  progress?: (line: string) => void;
}): Promise<ProviderChoice[]> {
  const { directory, standInsOnly = false, simulated = [] } = options;
  const recorded = readRecord(directory);
  const choices = await Promise.all(
    PROVIDERS.map(async (name): Promise<ProviderChoice> => {
      const version = sdkVersion(name);
      const official =
        !standInsOnly &&
        !simulated.includes(name) &&
        recorded[name] !== "stand-in" &&
        (await officialPlugin(name, version, options));
      return official
        ? { name, version, kind: "official", description: "official" }
        : { name, version, kind: "stand-in", description: `stand-in: ${lacks(name)}` };
    }),
  );
  for (const name of PROVIDERS) {
    // A stand-in of an earlier run would win over the official plugin.
    rmSync(path.join(directory.bin, `pulumi-resource-${name}`), { force: true });
  }
  standInPath(standInNames(choices), directory.bin);
  const record = Object.fromEntries(choices.map((choice) => [choice.name, choice.kind]));
  writeFileSync(recordFile(directory), `${JSON.stringify(record, null, 2)}\n`);
  return choices;
}

function lacks(name: ProviderName): string {
  return STAND_INS.find((standIn) => standIn.name === name)?.lacks ?? "";
}

/** The providers that an operation's resources need. */
export function usedProviders(choices: ProviderChoice[], operation: Operation): ProviderChoice[] {
  const types = [...operation.resources.values()].map(({ type }) => type);
  return choices.filter(({ name }) => types.some((type) => type.startsWith(`${name}:`)));
}

/** The names of the stand-ins among the providers. */
export function standInNames(choices: readonly ProviderChoice[]): ProviderName[] {
  return choices.filter(({ kind }) => kind === "stand-in").map(({ name }) => name);
}

/** Lets the next run decide anew, once a stack has no resources any more. */
export function forgetProviders(directory: EngineDirectory): void {
  rmSync(recordFile(directory), { force: true });
}

type Recorded = Partial<Record<ProviderName, ProviderChoice["kind"]>>;

function readRecord(directory: EngineDirectory): Recorded {
  const file = recordFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Recorded) : {};
}

function recordFile(directory: EngineDirectory): string {
  return path.join(directory.root, "providers.json");
}

async function officialPlugin(
  name: ProviderName,
  version: string,
  {
    engine,
    directory,
    progress = () => {},
  }: { engine: Engine; directory: EngineDirectory; progress?: (line: string) => void },
): Promise<boolean> {
  const executable = path.join(
    directory.home,
    "plugins",
    `resource-${name}-v${version}`,
    `pulumi-resource-${name}`,
  );
  if (existsSync(executable) || isOnPath(`pulumi-resource-${name}`)) {
    return true;
  }
  const what = `plugin-${name}-${version}`;
  if (refusedLately(what) !== undefined) {
    return false;
  }
  progress(`downloading the ${name} provider ${version}`);
  const problem = await download(engine, directory, name, version);
  if (problem === undefined) {
    forgetRefusal(what);
    return true;
  }
  progress(`no download of the ${name} provider (${problem}): a stand-in serves it`);
  rememberRefusal(what, problem);
  return false;
}

/** Lets the engine download a plugin; the answer is what went wrong. */
function download(
  engine: Engine,
  directory: EngineDirectory,
  name: string,
  version: string,
): Promise<string | undefined> {
  const child = spawn(engine.path, ["plugin", "install", "resource", name, version, "--non-interactive"], {
    cwd: directory.root,
    env: { ...process.env, PULUMI_HOME: directory.home, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: DOWNLOAD_LIMIT_MS,
  });
  return new Promise((resolve) => {
    let said = "";
    child.stderr.on("data", (data: Buffer) => {
      said += data.toString();
      const failed = /Error downloading plugin: (.*)/.exec(said);
      if (failed?.[1]) {
        // It would try five times more, each time slower.
        child.kill();
        resolve(failed[1].replace(/^Get "[^"]*": /, ""));
      }
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      const words = said.trim().split("\n").at(-1) ?? "";
      resolve(code === 0 ? undefined : signal ? `took longer than ${DOWNLOAD_LIMIT_MS / 1000} s` : words);
    });
  });
}

function isOnPath(file: string): boolean {
  return (process.env.PATH ?? "").split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, file), constants.X_OK);
      return directory !== "";
    } catch {
      return false;
    }
  });
}

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { cacheDirectory } from "../toolchain/index.ts";
import { buildEngine } from "./build.ts";
import { EngineError } from "./errors.ts";
import { forgetRefusal, refusedLately, rememberRefusal } from "./refusals.ts";
import { isOlder, parseVersion, sdkVersion, type Version } from "./versions.ts";

const run = promisify(execFile);

/** `pulumi.Stash`, which keeps signing keys, came with this version. */
export const MINIMUM_VERSION = "3.208.0";

/** How long a `pulumi` may take to tell its version: a fifth of a second, but for a machine that is very busy. */
const VERSION_SECONDS = 60;

/** How long the official installer may take to answer at all, and to finish. */
const INSTALLER_ANSWER_MS = 10_000;
const INSTALLER_TOTAL_MS = 120_000;

export interface Engine {
  /** Absolute path of the `pulumi` executable. */
  path: string;
  /** Without a leading "v". */
  version: string;
  origin: "path" | "installed" | "built";
}

export interface LocateOptions {
  /** The PATH to look in; the process's own unless told. */
  searchPath?: string;
  /** Called with a line whenever something slow goes on. */
  progress?: (line: string) => void;
}

/**
 * Finds a Pulumi engine: one on PATH that is recent enough, else the official download, else one built from
 * its Go module (about three minutes on two cores, once).
 *
 * @throws EngineError of kind `setup` when there is no way to get one; the hint says what to install
 */
export async function locateEngine(options: LocateOptions = {}): Promise<Engine> {
  const progress = options.progress ?? (() => {});
  return (
    (await engineOnPath(options.searchPath ?? process.env.PATH ?? "", progress)) ??
    (await installed(progress)) ??
    (await buildEngine(progress))
  );
}

/** The first `pulumi` on a PATH that is recent enough; `progress` hears of those that are not. */
export async function engineOnPath(
  searchPath: string,
  progress: (line: string) => void,
): Promise<Engine | undefined> {
  for (const directory of searchPath.split(path.delimiter)) {
    const file = path.resolve(directory, "pulumi");
    if (directory === "" || !existsSync(file)) {
      continue;
    }
    const version = await versionOf(file);
    if (version && !isOlder(version, MINIMUM_VERSION)) {
      return { path: file, version: version.text, origin: "path" };
    }
    progress(
      version
        ? `${file} is ${version.text}; ${MINIMUM_VERSION} or newer is needed`
        : `${file} does not answer \`pulumi version\` within ${VERSION_SECONDS} s`,
    );
  }
  return undefined;
}

async function installed(progress: (line: string) => void): Promise<Engine | undefined> {
  const root = installRoot();
  const file = path.join(root, "bin", "pulumi");
  const version = sdkVersion("pulumi");
  if (existsSync(file) && (await versionOf(file))) {
    return { path: file, version, origin: "installed" };
  }
  const what = `pulumi-${version}`;
  if (refusedLately(what) !== undefined) {
    return undefined;
  }
  try {
    progress(`downloading Pulumi ${version}`);
    // The installer has no time limit of its own: ask first whether anyone answers.
    const answer = await fetch("https://get.pulumi.com/install.sh", {
      method: "HEAD",
      signal: AbortSignal.timeout(INSTALLER_ANSWER_MS),
    });
    if (!answer.ok) {
      throw new Error(`get.pulumi.com answered ${answer.status}`);
    }
    await withinTime(PulumiCommand.install({ root }), INSTALLER_TOTAL_MS);
    forgetRefusal(what);
    return { path: file, version, origin: "installed" };
  } catch (error) {
    const reason = reasonOf(error);
    rememberRefusal(what, reason);
    progress(`no download of Pulumi ${version} (${reason})`);
    return undefined;
  }
}

function installRoot(): string {
  return cacheDirectory(`pulumi-${sdkVersion("pulumi")}`);
}

async function versionOf(file: string): Promise<Version | undefined> {
  try {
    const { stdout } = await run(file, ["version"], {
      timeout: VERSION_SECONDS * 1000,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return parseVersion(stdout.trim());
  } catch {
    return undefined;
  }
}

async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The innermost reason of a failed fetch: "fetch failed" alone helps nobody. */
function reasonOf(error: unknown): string {
  if (error instanceof EngineError || !(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.message.split("\n")[0] ?? cause.name;
}

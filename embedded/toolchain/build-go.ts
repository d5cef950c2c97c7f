import { rename } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, cacheKey, ensureDirectory, pruneBinaries, touchBinary } from "./cache.ts";
import { requireSpace } from "./disk.ts";
import { type GoEnvironment, goEnvironment, runGo } from "./go.ts";
import { withLock } from "./lock.ts";
import { type ProgressListener, type Stopwatch, stopwatch } from "./progress.ts";

/** A program to be had from Go source. */
export interface GoProgram {
  /** The binary's name in the cache, and in messages: "control-plane". */
  readonly name: string;
  /** The directory of the go.mod that pins everything. */
  readonly moduleDir: string;
  /** The package to build, as `go build` takes it: "." or the import path of a dependency. */
  readonly pkg: string;
  /** For the linker. @default none */
  readonly ldflags?: string;
  /** Build tags, for instance to leave out what is not needed. @default none */
  readonly tags?: readonly string[];
  /** How long a first build takes, with nothing cached, on two cores. */
  readonly expectedMinutes: number;
  /** How much Go's caches grow in a first build, in MiB. @default 3000 */
  readonly neededMiB?: number;
  readonly progress?: ProgressListener;
}

/** Room for the binary and for what modules are still to be downloaded. */
const leastMiB = 500;

/**
 * Builds a Go program, or finds it built: a binary is kept in the cache under a hash of all it is made
 * from. Of two runs at once the second waits for the first. A build that was broken off goes on where
 * it stopped, as Go keeps every finished package.
 *
 * @returns the path of the binary
 * @throws ToolchainError when Go, the disk or the network cannot do it
 */
export async function buildGo(program: GoProgram): Promise<string> {
  const what = `Building ${program.name}`;
  const go = await goEnvironment(what, program.moduleDir);
  const flags = [
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    ...(program.tags ? [`-tags=${program.tags.join(",")}`] : []),
    ...(program.ldflags ? [`-ldflags=${program.ldflags}`] : []),
  ];
  const key = await cacheKey(program.moduleDir, {
    pkg: program.pkg,
    flags,
    goVersion: go.GOVERSION,
    os: go.GOOS,
    arch: go.GOARCH,
  });
  const directory = await ensureDirectory(cacheDirectory("bin"));
  const binary = join(directory, `${program.name}-${key}`);
  if (await touchBinary(binary)) return binary;

  const watch = stopwatch(program.progress);
  const waiting = (holder: number | undefined) =>
    watch.report({
      step: `${what}: waiting for another run that builds it${holder ? ` (process ${holder})` : ""}`,
    });
  try {
    return await withLock(join(directory, program.name), waiting, async () => {
      if (await touchBinary(binary)) return binary;
      await pruneBinaries(directory, program.name);
      const part = `${binary}.${process.pid}.part`;
      await compile(what, program, go, flags, part, watch);
      await rename(part, binary);
      await pruneBinaries(directory, program.name);
      return binary;
    });
  } finally {
    watch.stop();
  }
}

async function compile(
  what: string,
  program: GoProgram,
  go: GoEnvironment,
  flags: readonly string[],
  output: string,
  watch: Stopwatch,
): Promise<void> {
  const disks = [go.GOCACHE, go.GOMODCACHE, cacheDirectory()];
  await requireSpace(what, disks, leastMiB);

  let downloads = 0;
  const onDownload = (line: string) => {
    const module = /^go: downloading (.+)$/.exec(line)?.[1];
    if (module) watch.report({ step: `${what}: downloading modules`, done: ++downloads, current: module });
    return module !== undefined;
  };
  watch.report({ step: `${what}: finding out what is to be compiled` });
  // Costs 1 to 4 seconds and is exact: what `go build -v` is going to print, less the main package.
  const listing = await runGo(
    what,
    ["list", "-deps", ...flags, "-f", "{{if .Stale}}stale{{else}}built{{end}} {{.ImportPath}}", program.pkg],
    { cwd: program.moduleDir, onLine: onDownload },
  );
  const work = planWork(listing, program.expectedMinutes);
  await requireSpace(what, disks, leastMiB + (program.neededMiB ?? 3000) * work.share);

  // Go names a package when it begins with it, the main one last, and links when all are done.
  const report = (named: number, current: string) =>
    watch.report({
      step: `${what}: ${named >= work.stale.size ? "linking" : "compiling"}`,
      done: Math.max(0, named - 1),
      total: work.stale.size,
      current,
      expectedSeconds: work.expectedSeconds,
    });
  let named = 0;
  // The main package always counts as stale, and is not named when only linking is left.
  report(work.stale.size === 1 ? 1 : 0, "");
  await runGo(what, ["build", "-v", ...flags, "-o", output, program.pkg], {
    cwd: program.moduleDir,
    onLine: (line) => {
      if (!onDownload(line) && work.stale.has(line)) report(++named, line);
    },
  });
}

/**
 * Reads the list of packages of a build, each with whether Go has it built.
 *
 * @param listing lines "stale PACKAGE" or "built PACKAGE"
 * @returns the packages to be compiled, their share of all (0 to 1), and the time that takes as that
 *   share of a first build; linking takes 15 s in any case
 */
export function planWork(
  listing: string,
  expectedMinutes: number,
): { stale: ReadonlySet<string>; share: number; expectedSeconds: number } {
  const lines = listing.split("\n").filter((line) => line !== "");
  const stale = new Set(
    lines.filter((line) => line.startsWith("stale ")).map((line) => line.slice("stale ".length)),
  );
  const share = lines.length === 0 ? 1 : stale.size / lines.length;
  return { stale, share, expectedSeconds: Math.max(15, expectedMinutes * 60 * share) };
}

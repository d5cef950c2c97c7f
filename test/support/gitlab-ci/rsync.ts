import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import process from "node:process";

// Stands in for rsync where a machine has none: it understands the calls that gitlab-ci-local makes for jobs in a
// shell, and no others.

/** What it was asked to do. */
interface Call {
  sources: string[];
  target: string;
  /** `-R`: keep the path of each source below the target. */
  relative: boolean;
  /** `--delete`: the target has nothing else afterwards. */
  mirror: boolean;
  /** Paths that are left out; one with a slash in front is below the source's root. */
  exclude: string[];
  /** Of `--files-from`, relative to the source. */
  files: string[] | undefined;
}

/** @throws Error for an option that is not known */
export function parseCall(args: readonly string[]): Call {
  const call: Call = {
    sources: [],
    target: "",
    relative: false,
    mirror: false,
    exclude: [],
    files: undefined,
  };
  const lines = (file: string) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  const paths: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name = "", inline] = arg.startsWith("--") ? arg.split(/=(.*)/s) : [arg];
    const value = () => inline ?? rest.shift() ?? "";
    if (/^-[arR]+$/.test(name)) call.relative ||= name.includes("R");
    else if (name === "--delete" || name === "--delete-excluded") call.mirror = true;
    else if (name === "--exclude") call.exclude.push(value());
    else if (name === "--exclude-from") call.exclude.push(...lines(value()));
    else if (name === "--files-from") call.files = lines(value());
    else if (name.startsWith("-")) throw new Error(`this stand-in for rsync does not know ${arg}`);
    else paths.push(arg);
  }
  call.target = paths.pop() ?? "";
  call.sources = paths;
  if (paths.length === 0) throw new Error("rsync copies from somewhere to somewhere");
  return call;
}

/** Does it. */
export function rsync({ sources, target, relative: keepPaths, mirror, exclude, files }: Call): void {
  const excluded = exclude.map((pattern) =>
    normalize(pattern.replace(/^\.\//, "").replace(/(\/\*\*|\/)$/, "")),
  );
  const out = (path: string) =>
    excluded.some(
      (each) => path === each.replace(/^\//, "") || (!each.startsWith("/") && path.split("/").includes(each)),
    );
  if (mirror) rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const source of sources) {
    if (files) for (const file of files) copy(join(source, file), join(target, file), source, out);
    else if (keepPaths) copy(source, join(target, source), ".", out);
    // Without a slash or a dot at its end the folder itself would be meant, which nobody asks for.
    else if (/(\/|\/\.)$/.test(source)) copy(source, target, source, out);
    else throw new Error(`this stand-in for rsync copies what is in a folder, not ${source} itself`);
  }
}

function copy(from: string, to: string, root: string, out: (path: string) => boolean): void {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (!stat || out(relative(root, from))) return;
  if (stat.isDirectory()) {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) copy(join(from, name), join(to, name), root, out);
  } else {
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else cpSync(from, to, { preserveTimestamps: true });
  }
}

if (import.meta.main) rsync(parseCall(process.argv.slice(2)));

import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ratio, seconds } from "./measure.ts";

/** One line of the table. */
export interface Result {
  what: string;
  /** The figure: a ratio, or seconds. */
  figure: number;
  unit: "×" | "s";
  /** What the figure should not exceed. */
  target: number;
  /** The figures behind it. */
  detail: string;
}

const project = resolve(import.meta.dirname, "..");
const node = process.execPath;
const preview = (how: string) => () => seconds(node, [join(import.meta.dirname, "preview-worker.ts"), how]);
const s = (value: number) => `${value.toFixed(2)} s`;

/** A preview of the whole stack, compared with one of a program that makes nothing. */
export async function previewAgainstEmpty(rounds: number): Promise<Result> {
  const { ratio: figure, a, b } = await ratio(rounds, preview("stripped"), preview("empty"));
  const detail = `${s(a)} against ${s(b)}`;
  return { what: "preview of the whole stack / of an empty program", figure, unit: "×", target: 1.5, detail };
}

/** The same preview, compared with the program loaded as a template loads it: ts-node with type check. */
export async function previewAgainstTsNode(rounds: number): Promise<Result> {
  const { ratio: figure, a, b } = await ratio(rounds, preview("stripped"), preview("ts-node"));
  const detail = `${s(a)} against ${s(b)}`;
  return { what: "preview by type stripping / by ts-node", figure, unit: "×", target: 0.5, detail };
}

/** `npm run render`. */
export async function render(): Promise<Result> {
  const out = mkdtempSync(join(tmpdir(), "attic-bench-"));
  const run = () => seconds("npm", ["run", "--silent", "render", "--", "production", "--out", out]);
  await run();
  const figure = await run();
  rmSync(out, { recursive: true });
  return { what: "npm run render -- production", figure, unit: "s", target: 3, detail: "" };
}

/** The unit suite, golden files included. */
export async function unitSuite(): Promise<Result> {
  const figure = await seconds("npm", ["run", "--silent", "test:unit"]);
  return { what: "unit suite", figure, unit: "s", target: 90, detail: "" };
}

/**
 * `npm run local` on a copy of the project with a state of its own: from nothing running to all Ready, then again
 * with nothing to change. Programs are built beforehand.
 */
export async function local(): Promise<Result[]> {
  const copy = mkdtempSync(join(tmpdir(), "attic-bench-local-"));
  for (const name of [
    "components",
    "config",
    "embedded",
    "render",
    "index.ts",
    "package.json",
    "Pulumi.yaml",
    "Pulumi.local.yaml",
  ]) {
    cpSync(join(project, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
  const run = (...args: string[]) => seconds(node, [join(copy, "embedded/local/main.ts"), ...args]);
  try {
    const cold = await run();
    const warm = await run("up", "--expect-no-changes");
    return [
      {
        what: "npm run local, from nothing running to all Ready",
        figure: cold,
        unit: "s",
        target: 15,
        detail: "",
      },
      { what: "npm run local, nothing to change", figure: warm, unit: "s", target: 12, detail: "" },
    ];
  } finally {
    await run("down");
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * `npm run local` on a machine that has built nothing: empty caches of Go and of the project. Downloads count.
 */
export async function fresh(): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), "attic-bench-fresh-"));
  const copy = join(root, "project");
  cpSync(project, copy, {
    recursive: true,
    filter: (path) => !/\/(node_modules|\.local|\.git|out)$/.test(path),
  });
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
  const env = {
    XDG_CACHE_HOME: join(root, "cache"),
    GOCACHE: join(root, "go-build"),
    GOMODCACHE: join(root, "go-mod"),
  };
  const main = join(copy, "embedded/local/main.ts");
  try {
    const figure = await seconds(node, [main], env);
    return {
      what: "npm run local, nothing built",
      figure,
      unit: "s",
      target: 540,
      detail: `${(figure / 60).toFixed(1)} min`,
    };
  } finally {
    await seconds(node, [main, "down"], env).catch(() => undefined);
    // Go makes its module cache read-only.
    await seconds("chmod", ["-R", "u+w", root]);
    rmSync(root, { recursive: true, force: true });
  }
}

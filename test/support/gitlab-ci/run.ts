import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { promisify, stripVTControlCharacters } from "node:util";
import type { Variables } from "../../../judges/gitlab-ci/expression.ts";
import type { Checkout } from "./checkout.ts";
import { executable } from "./checkout.ts";

const exec = promisify(execFile);
const project = join(import.meta.dirname, "../../..");
const program = join(project, "node_modules/gitlab-ci-local/dist/index.js");

/** What became of a pipeline. */
export interface PipelineRun {
  passed: string[];
  failed: string[];
  /** Each job's log. */
  log(job: string): string;
  /** A file among a job's artifacts; undefined where there is none. */
  artifact(job: string, path: string): string | undefined;
  /** All that was printed, for a failure's message. */
  output: string;
}

/**
 * Runs jobs of a pipeline with gitlab-ci-local, each in a shell and in a copy of the checkout of its own, with the
 * artifacts of those that it needs.
 * @param path folders in front of PATH
 * @param manual jobs that somebody starts
 */
export async function runJobs(
  checkout: Checkout,
  jobs: readonly string[],
  {
    variables,
    path,
    manual = [],
    env = {},
  }: { variables: Variables; path: string[]; manual?: string[]; env?: NodeJS.ProcessEnv },
): Promise<PipelineRun> {
  const { stdout, stderr } = await gitlabCiLocal(
    checkout,
    [
      ...jobs,
      ...manual.flatMap((name) => ["--manual", name]),
      "--force-shell-executor",
      "--shell-isolation",
      "--concurrency",
      "2",
    ],
    { variables, path, env },
  );
  const output = stripVTControlCharacters(`${stdout}\n${stderr}`);
  const named = (mark: string, behind = "") =>
    [...output.matchAll(new RegExp(`^ ${mark} +(\\S+) *${behind}$`, "gm"))].map(([, name]) => name as string);
  const folder = (job: string) => safe(job);
  return {
    passed: named("PASS").sort(),
    // One that may fail is a warning to gitlab-ci-local.
    failed: [...named("FAIL"), ...named("WARN", "pre_script")].sort(),
    log: (job) =>
      stripVTControlCharacters(readFileSync(join(checkout.state, "output", `${folder(job)}.log`), "utf8")),
    artifact: (job, file) => {
      const found = join(checkout.state, "artifacts", folder(job), file);
      return existsSync(found) ? readFileSync(found, "utf8") : undefined;
    },
    output,
  };
}

/** What gitlab-ci-local makes of the configuration: each job that there could be, and when it runs. */
export async function listJobs(checkout: Checkout, variables: Variables): Promise<Map<string, string>> {
  const { stdout, stderr } = await gitlabCiLocal(checkout, ["--list-json"], { variables, path: [] });
  try {
    const jobs = JSON.parse(stdout.slice(stdout.search(/^\[$/m))) as { name: string; when: string }[];
    return new Map(jobs.filter(({ when }) => when !== "never").map(({ name, when }) => [name, when]));
  } catch {
    throw new Error(stripVTControlCharacters(stderr + stdout));
  }
}

async function gitlabCiLocal(
  { folder, root }: Checkout,
  args: readonly string[],
  { variables, path, env = {} }: { variables: Variables; path: string[]; env?: NodeJS.ProcessEnv },
): Promise<{ stdout: string; stderr: string }> {
  const bin = join(root, "bin");
  const searched = [...path, bin, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);
  if (!onPath("rsync", process.env.PATH)) {
    const shim = join(import.meta.dirname, "rsync.ts");
    executable(bin, "rsync", `#!/bin/sh\nexec "${process.execPath}" "${shim}" "$@"\n`);
  }
  const given = Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]);
  // What GitLab sets in no pipeline of this kind, and gitlab-ci-local in all.
  const unset = ["CI_COMMIT_BRANCH"]
    .filter((name) => !(name in variables))
    .flatMap((name) => ["--unset-variable", name]);
  // That they are set is meant.
  const ours = Object.keys(variables).filter((name) => /^(CI|GITLAB)_/.test(name));
  const command = [
    program,
    "--no-color",
    "--ignore-predefined-vars",
    ours.join(),
    ...given,
    ...unset,
    ...args,
  ];
  const options = {
    cwd: folder,
    env: { ...process.env, ...env, PATH: searched, HOME: root },
    maxBuffer: 1e8,
  };
  try {
    return await exec(process.execPath, command, options);
  } catch (error) {
    // A failed job is a result, too.
    return error as { stdout: string; stderr: string };
  }
}

/** As gitlab-ci-local makes a file's name of a job's. */
const safe = (job: string) => job.replace(/[^\w-]+/g, (odd) => Buffer.from(odd).toString("base64url"));

const onPath = (name: string, path = "") =>
  path.split(delimiter).some((folder) => existsSync(folder) && readdirSync(folder).includes(name));

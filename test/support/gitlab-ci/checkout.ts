import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";

const run = promisify(execFile);
const project = join(import.meta.dirname, "../../..");

/** What no job reads; of the pages, policies look for runbooks. */
const elsewhere = /^(test|docs\/(?!runbooks\/)|bench|judges|pictures|live|clients)\b/;

/** A copy of the project, as a runner has it, with stacks of its own. */
export interface Checkout {
  /** Holds everything, and is removed with it. */
  root: string;
  folder: string;
  /** Where gitlab-ci-local keeps results. */
  state: string;
  git(...args: string[]): Promise<string>;
  /** Writes files, by name, and commits them. */
  commit(files: Record<string, string>): Promise<string>;
  remove(): void;
}

/** Copies the files of the working tree that Git knows or would know; the packages are those of the project, by a link. */
export async function copyProject(folder: string, wanted: (file: string) => boolean): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: project,
    maxBuffer: 1e8,
  });
  for (const file of stdout.split("\0")) {
    // Git still lists what was removed from the working tree alone.
    if (!file || !wanted(file) || !existsSync(join(project, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(project, file), join(folder, file), { force: true });
  }
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
}

/**
 * Copies the project; the link to the packages is committed, as a cache would bring them. GitLab's templates are the
 * stand-ins beside this file, put where gitlab-ci-local keeps what it has fetched: nothing is fetched.
 */
export async function checkout(): Promise<Checkout> {
  const root = mkdtempSync(join(tmpdir(), "attic-ci-"));
  const folder = join(root, "attic");
  await copyProject(folder, (file) => !elsewhere.test(file) && !/^Pulumi\..+\.yaml$/.test(file));

  const state = join(folder, ".gitlab-ci-local");
  const templates = "gitlab.com/gitlab-org/gitlab/-/raw/HEAD/lib/gitlab/ci/templates";
  cpSync(join(project, "judges/gitlab-ci/templates"), join(state, "includes", templates), {
    recursive: true,
  });
  writeFileSync(join(state, ".gitignore"), "*\n");
  // gitlab-ci-local merges this file over the configuration. It would copy all packages into a cache after each job.
  writeFileSync(join(folder, ".gitlab-ci-local.yml"), ".node:\n  cache: []\n");

  mkdirSync(join(folder, ".git/info"), { recursive: true });
  writeFileSync(join(folder, ".git/info/exclude"), ".gitlab-ci-local*.yml\n");
  const git = async (...args: string[]) => (await run("git", args, { cwd: folder })).stdout.trim();
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "user.name", "Someone");
  await git("config", "user.email", "someone@example.com");
  // No such server is asked: gitlab-ci-local takes the project's name from it.
  await git("remote", "add", "gcl-origin", "https://gitlab.example.com/platform/attic.git");
  // Where jobs that fetch do fetch from.
  await run("git", ["init", "--quiet", "--bare", join(root, "origin.git")]);
  await git("remote", "add", "origin", join(root, "origin.git"));
  await git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
  const commit = async (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    await git("add", "--all");
    await git("add", "--force", "node_modules");
    await git("commit", "--quiet", "--allow-empty", "--message", "A change");
    return git("rev-parse", "HEAD");
  };
  return { root, folder, state, git, commit, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Puts an executable into a folder. */
export function executable(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), script);
  chmodSync(join(folder, name), 0o755);
}

/** A stack's file from its settings. */
export const stackFile = (settings: Record<string, unknown>, more: Record<string, unknown> = {}): string =>
  stringify({ ...more, config: settings });

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { embed } from "../../../clients/gitlab/embed.ts";
import { goodToken, type NixClient, nixClient, storePath } from "../../support/nix-client.ts";

const root = resolve(import.meta.dirname, "../../..");
const file = (path: string) => readFileSync(join(root, "clients", path), "utf8");
const template = file("gitlab/attic.yml");

describe("the template", () => {
  const [inputs, jobs] = parseAllDocuments(template).map((document) => document.toJS());

  test("has the script as it is: node clients/gitlab/embed.ts puts it there", () => {
    expect(embed(template, file("with-attic.sh"))).toBe(template);
  });

  test("takes no token as an input, which would stand in the configuration", () => {
    expect(Object.keys(inputs.spec.inputs).filter((name) => name.includes("token"))).toEqual([]);
  });

  test("adds no job that runs by itself", () => {
    expect(Object.keys(jobs).filter((name) => !name.startsWith("."))).toEqual([]);
  });

  test("has its values by variables, so that none is read as a command", () => {
    expect(stringify(jobs[".attic"].before_script)).not.toContain("$[[");
    expect(Object.keys(inputs.spec.inputs).toSorted()).toEqual(
      [...stringify(jobs).matchAll(/\$\[\[ inputs\.([\w-]+) \]\]/g)].map(([, name]) => name).toSorted(),
    );
  });

  test.each(["a $[[ inputs.x ]]\n", "a\nEND_OF_WITH_ATTIC\n"])(
    "takes no script that would not survive it: %j",
    (script) => {
      expect(() => embed(template, script)).toThrow("cannot stand in a template");
    },
  );
});

// Jobs run for real, by gitlab-ci-local, with stand-ins for Nix and Attic's client.
describe("a pipeline that includes it", { timeout: 120_000 }, () => {
  let machine: NixClient;
  let project: string;
  beforeEach(() => {
    machine = nixClient();
    project = join(machine.folder, "project");
    mkdirSync(project);
    if (spawnSync("rsync", ["--version"]).error) {
      const standIn = join(root, "test/support/gitlab-ci/rsync.ts");
      const command = `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`;
      writeFileSync(join(machine.folder, "bin/rsync"), command, { mode: 0o755 });
    }
    const git = (...args: string[]) => execFileSync("git", ["-C", project, ...args], { stdio: "pipe" });
    git("init", "--quiet", "--initial-branch", "main");
    git("config", "user.email", "ci@example.com");
    git("config", "user.name", "ci");
    git("remote", "add", "origin", "git@gitlab.example.com:acme/app.git");
    // The example, with the template beside it instead of in a project that would have to be fetched.
    const example = parse(file("gitlab/gitlab-ci.yml"));
    const { inputs } = example.include[0];
    write(".gitlab-ci.yml", stringify({ ...example, include: [{ local: "attic.yml", inputs }] }));
    cpSync(join(root, "clients/gitlab/attic.yml"), join(project, "attic.yml"));
    git("add", ".");
    git("commit", "--quiet", "--message", "all");
  });
  afterEach(() => machine.remove());

  const write = (name: string, text: string) => writeFileSync(join(project, name), text);

  /** Runs a job. Variables come by a file: a token in the arguments would be found there. */
  const job = async (name: string, variables: Record<string, string>) => {
    // Of itself, gitlab-ci-local says that it is not GitLab.
    write(".gitlab-ci-local-variables.yml", stringify({ GITLAB_CI: "true", ...variables }));
    const { log, code } = await machine.run(
      process.execPath,
      [
        join(root, "node_modules/gitlab-ci-local/dist/index.js"),
        ...[name, "--force-shell-executor", "--no-shell-isolation", "--no-color"],
      ],
      { cwd: project, env: { PATH: `${machine.environment.PATH}:${dirname(process.execPath)}` } },
    );
    return { code, log: stripVTControlCharacters(log) };
  };
  const main = { CI_COMMIT_REF_PROTECTED: "true", ATTIC_TOKEN: goodToken };
  const pushed = (cache: string) =>
    [storePath("app-1"), storePath("lib-1")].map((path) => `${cache} ${path}`);

  test("pushes from a protected branch what it built, and tells its token nowhere", async () => {
    const { code, log } = await job("build", main);
    expect(log).toContain("trusted ref: pulls from https://nix-cache.example.com/main");
    expect(code).toBe(0);
    expect(machine.lines("pushes")).toEqual(pushed("main"));
    expect(machine.read("nix.conf")).toMatch(/^extra-experimental-features = nix-command flakes\n/);
    expect(machine.read("seen")).toBe("");
    expect(log).not.toContain(goodToken);
  });

  test("pushes from another branch to the branches' cache", async () => {
    const { code } = await job("build", { CI_COMMIT_REF_PROTECTED: "false", ATTIC_BRANCH_TOKEN: goodToken });
    expect([code, machine.lines("pushes")]).toEqual([0, pushed("dev")]);
  });

  test("takes the token of the variable that it names, whatever the group's ATTIC_TOKEN has", async () => {
    const including = parse(readFileSync(join(project, ".gitlab-ci.yml"), "utf8"));
    write(".gitlab-ci.yml", stringify({ ...including, variables: { ATTIC_TOKEN_VARIABLE: "CACHE_TOKEN" } }));
    const { code } = await job("build", { ...main, ATTIC_TOKEN: "another-stacks", CACHE_TOKEN: goodToken });
    expect([code, machine.lines("pushes")]).toEqual([0, pushed("main")]);
    expect(machine.read("environment")).not.toContain(goodToken);
  });

  test("builds a fork's merge request without a token", async () => {
    const { code } = await job("build", {
      CI_PIPELINE_SOURCE: "merge_request_event",
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "2",
      CI_MERGE_REQUEST_PROJECT_ID: "1",
    });
    expect([code, machine.lines("store").length, machine.read("netrc")]).toEqual([0, 3, ""]);
    expect(machine.lines("nix.conf")).toContain("extra-substituters = https://nix-cache.example.com/public");
  });

  test("fails where its build fails, and pushes nothing", async () => {
    machine.tell("exit", "1");
    const { code, log } = await job("build", main);
    expect(log).toContain("the build ended with 1: nothing more is pushed");
    expect([code, machine.read("pushes")]).toEqual([1, ""]);
  });

  test("builds while the cache is away", async () => {
    machine.tell("down");
    expect((await job("build", main)).code).toBe(0);
  });

  test("warms the cache on its schedule, and fails where it cannot", async () => {
    const schedule = { ...main, CI_PIPELINE_SOURCE: "schedule", ATTIC_WARM: "true" };
    expect((await job("warm", schedule)).code).toBe(0);
    expect(machine.lines("pushes")).toEqual(pushed("main"));
    machine.tell("down");
    machine.tell("builds", `${storePath("app-2")}\n`);
    expect((await job("warm", schedule)).code).toBe(1);
  });
});

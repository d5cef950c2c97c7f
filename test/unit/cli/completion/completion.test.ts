import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Cli } from "../../../../cli/cli.ts";
import { named, pathOf } from "../../../../cli/completion/candidates.ts";
import { script } from "../../../../cli/completion/scripts.ts";
import { program } from "../../../../cli/run.ts";
import { processWorld } from "../../../../cli/world.ts";
import { type How, type TestProject, testProject } from "../world.ts";

const root = program(new Cli(processWorld()));
const commandsOf = (command: Command): Command[] => [command, ...command.commands.flatMap(commandsOf)];

let project: TestProject;
beforeEach(() => {
  project = testProject(undefined, { caches: { main: {}, "dev-one": {} } });
  writeFileSync(join(project.folder, "Pulumi.production.yaml"), "config: {}\n");
});
afterEach(() => project.remove());

/** What completes a line, whose last word is the one that is typed. */
async function complete(words: string[], how: How = {}): Promise<string[]> {
  const { code, stdout } = await project.run(["complete", "--", ...words], how);
  expect(code).toBe(0);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")[0] as string);
}

describe("what completes a line", () => {
  test("every command that --help shows, and no other", async () => {
    const visible = root
      .createHelp()
      .visibleCommands(root)
      .map((each) => each.name());
    expect(await complete([""])).toEqual(visible.filter((name) => name !== "help"));
    expect(await complete([""])).not.toContain("complete");
    expect(await complete(["unf"])).toEqual(["unfreeze"]);
    expect(await complete(["tokens", "pl"])).toEqual(["plan"]);
  });

  test("the options of the command, and those that all have", async () => {
    const options = await complete(["freeze", "--"]);
    expect(options).toEqual(expect.arrayContaining(["--reason", "--until", "--help", "--stack", "--json"]));
    expect(options).not.toContain("--file");
    expect(await complete(["tokens", "mint", "--lo"])).toEqual(["--long"]);
  });

  test("the stacks that have a file", async () => {
    for (const option of [["--stack"], ["-s"], ["tokens", "list", "-s"], ["--stack", "="]]) {
      expect(await complete([...option, ""])).toEqual(["production", "test"]);
    }
    expect(await complete(["--stack=p"])).toEqual(["--stack=production"]);
  });

  test("the choices of an option and of an argument", async () => {
    expect(await complete(["gate", "--for", ""])).toEqual(["deploy", "rollback", "revoke"]);
    expect(await complete(["gate", "--for=r"])).toEqual(["--for=rollback", "--for=revoke"]);
    expect(await complete(["completion", ""])).toEqual(["bash", "zsh", "fish"]);
  });

  test.each([
    [
      ["-s", "test", "tokens", "get", ""],
      ["gitlab-main", "developers", "warmer", "admin"],
    ],
    [["tokens", "get", "--stack=test", "dev"], ["developers"]],
    [["tokens", "publish", "gitlab-main", "--stack", "test", "w"], ["warmer"]],
    [["tokens", "get", "gitlab-main", "--stack", "test", ""], []],
    [
      ["--stack", "acme/attic/test", "caches", "show", ""],
      ["main", "dev-one"],
    ],
    [["--stack", "production", "caches", "show", ""], []],
  ])("the names in the stack's file: %j", async (words, expected) => {
    expect(await complete(words)).toEqual(expected);
  });

  test("the names of the stack that the environment chooses", async () => {
    expect(await complete(["tokens", "get", ""], { env: { PULUMI_STACK: "test" } })).toHaveLength(4);
  });

  test("nothing where a word is free, or is the value of an option", async () => {
    expect(await complete(["freeze", "--reason", ""])).toEqual([]);
    expect(await complete(["tokens", "inspect", ""])).toEqual([]);
  });

  test("names of a file with mistakes, and nothing of one that cannot be read", async () => {
    writeFileSync(project.file, "config:\n  attic:tokens:\n    ci: { a: 7 }\n    wrong: {}\n");
    expect(await complete(["-s", "test", "tokens", "get", ""])).toEqual(["a"]);
    writeFileSync(project.file, "config: [");
    expect(await complete(["-s", "test", "tokens", "get", ""])).toEqual([]);
    expect(await complete(["-s", "gone", "tokens", "get", ""])).toEqual([]);
    expect(await complete(["-s", ""], { cwd: "/" })).toEqual([]);
  });

  test("only for commands that there are", () => {
    const paths = commandsOf(root).map(pathOf);
    expect(paths).toEqual(expect.arrayContaining(Object.keys(named)));
  });
});

describe("in bash", () => {
  let folder: string;
  let bin: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "completion-"));
    bin = join(folder, "it's here");
    mkdirSync(bin);
    // Says what it was asked for, each word in brackets.
    writeFileSync(
      join(bin, "say.cjs"),
      'console.log(process.argv.slice(2).map((word) => "[" + word + "]").join(""))',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What Tab offers behind these words, in a real bash. */
  const tab = (words: string[], asking: string[]) =>
    execFileSync(
      "bash",
      [
        "--norc",
        "-c",
        `source <(cat); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _atticctl; printf '%s\\n' "\${COMPREPLY[@]}"`,
        "bash",
        "atticctl",
        ...words,
      ],
      { input: script("bash", asking), encoding: "utf8", cwd: project.folder },
    )
      .split("\n")
      .filter(Boolean);
  const real = [process.execPath, join(import.meta.dirname, "../../../../cli/main.ts")];

  test("Tab asks the program, and offers what it answers", () => {
    expect(tab(["--stack", "=", "te"], real)).toEqual(["test"]);
    expect(tab(["-s", "test", "caches", "show", "d"], real)).toEqual(["dev-one"]);
  });

  test("the words are handed over one by one, wherever the program is, and nothing of them is run", () => {
    const mark = join(folder, "was-run");
    const words = ["tokens", "a b", `$(touch ${mark})`, `\`touch ${mark}\``, "; exit", "*"];
    const said = words.map((word) => `[${word}]`).join("");
    expect(tab(words, [process.execPath, join(bin, "say.cjs")])).toEqual([`[complete][--]${said}`]);
    expect(existsSync(mark)).toBe(false);
  });

  test("the script may be read twice, and is valid", () => {
    const twice = `${script("bash", real)}\n${script("bash", real)}\ncomplete -p atticctl`;
    expect(execFileSync("bash", ["--norc"], { input: twice, encoding: "utf8" })).toBe(
      "complete -o default -F _atticctl atticctl\n",
    );
  });
});

test.each(["bash", "zsh", "fish"])("the script for %s asks this program", async (shell) => {
  const { code, stdout } = await project.run(["completion", shell]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    `'${process.execPath}' '${join(import.meta.dirname, "../../../../cli/main.ts")}' complete -- `,
  );
});

test("of another shell there is none", async () => {
  const { code, stderr } = await project.run(["completion", "tcsh"]);
  expect(code).toBe(2);
  expect(stderr).toContain("Allowed choices are bash, zsh, fish");
});

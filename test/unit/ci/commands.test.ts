import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { Cli } from "../../../cli/cli.ts";
import { program } from "../../../cli/run.ts";
import { loadConfiguration } from "../../../judges/gitlab-ci/configuration.ts";
import { calls } from "../../support/docs/commands.ts";

const { jobs } = loadConfiguration(`${import.meta.dirname}/../../..`);

/** What options check of their values; anything else is any text. */
const values: Record<string, string> = {
  VERIFY_WAIT: "10m",
  UNDERTAKING: "deploy",
  VERIFY_FLAGS: "--skip certificate=x",
  DRIFT_ONLY: "cluster",
};

/** The calls of atticctl in a script, with every flag that a variable may add, and with texts for variables. */
const callsIn = (script: string) =>
  calls(
    script
      .replace(/\$\{\w+:\+([^}]*)\}/g, "$1")
      .replace(/\$(\w+)/g, (_, name: string) => values[name] ?? "a-text")
      .replace(/\\\n/g, " "),
    "atticctl",
  );

/** The real program, with actions that do nothing. */
function inert(): Command {
  const silent = { write: () => true };
  const cli = new Cli({
    env: {},
    cwd: "/",
    stdin: new PassThrough(),
    stdout: silent,
    stderr: silent,
  } as never);
  const root = program(cli);
  const still = (command: Command) => {
    if (command.commands.length === 0) command.action(() => {});
    for (const each of command.commands) still(each);
  };
  still(root);
  return root;
}

const commands = new Set(
  [...jobs.values()].flatMap(({ before_script, script }) =>
    [...before_script, ...script].flatMap(callsIn).map((words) => JSON.stringify(words)),
  ),
);

describe("atticctl", () => {
  test("is what the jobs call", () => {
    const verbs = new Set([...commands].map((words) => JSON.parse(words)[0]));
    expect([...verbs].sort()).toEqual([
      "caches",
      "db",
      "deploy",
      "drift",
      "gate",
      "note",
      "preview",
      "rollback",
      "status",
      "tokens",
      "verify",
    ]);
  });

  test.each([...commands])("takes %s", async (words) => {
    await expect(inert().parseAsync(JSON.parse(words), { from: "user" })).resolves.toBeDefined();
  });

  test.each([[["deploy", "--force"]], [["gate", "--for", "anything"]]])("does not take %j", async (words) => {
    await expect(inert().parseAsync(words, { from: "user" })).rejects.toThrow();
  });
});

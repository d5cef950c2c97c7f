import { PassThrough } from "node:stream";
import { type Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { Cli } from "../../../cli/cli.ts";
import { program } from "../../../cli/run.ts";
import { calls, isShell } from "../../support/docs/commands.ts";
import { codeSpans, pages, split } from "../../support/docs/pages.ts";

/** The real program, with actions that do nothing. */
function inert(): Command {
  const silent = { write: () => true };
  const cli = new Cli({
    env: {},
    cwd: "/",
    now: new Date("2026-11-21T08:00:00Z"),
    stdin: new PassThrough(),
    stdout: silent,
    stderr: silent,
    deployments: () => Promise.reject(new Error("nothing is asked")),
    sleep: () => Promise.resolve(),
  } as unknown as ConstructorParameters<typeof Cli>[0]);
  const root = program(cli);
  const still = (command: Command) => {
    if (command.commands.length === 0) command.action(() => {});
    for (const each of command.commands) still(each);
  };
  still(root);
  return root;
}

/** What commander says of these words. */
async function refusal(words: readonly string[]): Promise<{ code: string; message: string } | undefined> {
  try {
    await inert().parseAsync(words, { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : { code: error.code, message: error.message };
  }
}

/** Commands in blocks: all of them, and in console blocks those behind a prompt. */
const typed = (text: string) =>
  split(text).fences.flatMap((fence): string[][] => {
    // Without a word behind it, it is spoken of.
    if (isShell(fence)) return calls(fence.code, "atticctl").filter((words) => words.length > 0);
    if (fence.info !== "console") return [];
    return fence.code
      .split("\n")
      .filter((line) => line.startsWith("$ "))
      .flatMap((line) => calls(line, "atticctl"));
  });

/** Commands in prose, where arguments may be left out; "…" ends what is said of one. */
const named = (text: string) =>
  codeSpans(text)
    .filter((code) => /^(npx )?atticctl \S/.test(code))
    .flatMap((code) => calls(code.split("…")[0] ?? "", "atticctl"));

/** What is said of a command that is named without what it works on, or of a group of commands. */
const leftOut = [
  "commander.help",
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
  "commander.optionMissingArgument",
];

const all = pages();

describe("atticctl takes", () => {
  test.each(all.filter(({ text }) => typed(text).length > 0))("every command of $path", async ({ text }) => {
    const wrong = [];
    for (const words of typed(text)) {
      const { message } = (await refusal(words)) ?? {};
      if (message) wrong.push(`${words.join(" ")}: ${message}`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(all.filter(({ text }) => named(text).length > 0))(
    "every command that $path names",
    async ({ text }) => {
      const wrong = [];
      for (const words of named(text)) {
        const { code, message } = (await refusal(words)) ?? {};
        if (code !== undefined && !leftOut.includes(code)) wrong.push(message);
      }
      expect(wrong).toEqual([]);
    },
  );

  test("no command and no option that it does not have", async () => {
    expect(await refusal(["tokens", "lost"])).toMatchObject({ code: "commander.unknownCommand" });
    expect(await refusal(["tokens", "list", "--colour"])).toMatchObject({ code: "commander.unknownOption" });
  });
});

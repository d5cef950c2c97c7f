import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { Cli } from "../../../cli/cli.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { program } from "../../../cli/run.ts";
import { processWorld } from "../../../cli/world.ts";

const text = readFileSync(join(import.meta.dirname, "../../../docs/atticctl.md"), "utf8");

/** The first column of the table under a heading. */
const column = (heading: string) => {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) => line.split("|")[1]?.trim().replaceAll("`", ""));
};

/** The commands that do something, by their names. */
function commandsOf(command: Command, above: string[] = []): string[] {
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== "help");
  return shown.flatMap((each) => {
    const path = [...above, each.name()];
    return each.commands.length > 0 ? commandsOf(each, path) : [path.join(" ")];
  });
}

test("the table of docs/atticctl.md has every command, and no other", () => {
  expect(column("command").toSorted()).toEqual(commandsOf(program(new Cli(processWorld()))).toSorted());
});

test("its table of exit codes has every one of them", () => {
  expect(column("exit code").map(Number)).toEqual(Object.values(EXIT));
});

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCaches } from "../../../../cli/caches/command.ts";
import type { Cli } from "../../../../cli/cli.ts";
import { mostSeconds } from "../../../../config/humantime.ts";
import { stackConfig } from "../../../support/settings.ts";

const page = readFileSync("docs/caches.md", "utf8");

test("the page on caches has every setting of a cache with its default", () => {
  const { main } = stackConfig({ caches: { main: {} } }).caches;
  const row = (key: string) => page.split("\n").find((line) => line.startsWith(`| \`${key}\` |`));
  expect(row("public")).toContain(`| \`${main?.public}\` |`);
  expect(row("priority")).toContain(`| \`${main?.priority}\` |`);
  expect(row("storeDir")).toContain(`| \`${main?.storeDir}\` |`);
  expect(row("upstreamKeys")).toContain(`| \`[${main?.upstreamKeys.join(", ")}]\` |`);
  expect(row("retention")).toBeDefined();
  expect(page).toContain(String(mostSeconds));
});

test("the page on caches names every command and option, and no others", () => {
  const root = new Command();
  addCaches(root, { action: () => async () => {} } as unknown as Cli);
  const commands = root.commands.flatMap(({ commands }) => commands);
  expect(commands.map((command) => command.name()).sort()).toEqual(["list", "show", "sync"]);
  for (const command of commands) expect(page).toContain(`caches ${command.name()}`);

  const options = new Set(commands.flatMap((command) => command.options.map(({ long }) => long)));
  const named = new Set(
    [...page.matchAll(/atticctl [^\n`]*|`(--[^`]*)`/g)].flatMap(([text]) => text.match(/--[a-z-]+/g) ?? []),
  );
  const ofOthers = ["--force", "--option", "--stack", "--json"];
  expect([...named].filter((option) => !ofOthers.includes(option)).sort()).toEqual([...options].sort());
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Operator, releases } from "../../../../components/operators/releases.ts";
import { stackConfig } from "../../../support/settings.ts";

test("the page on the operators has each with its setting and the version that is installed", () => {
  const page = readFileSync("docs/operators.md", "utf8");
  const every: Operator[] = ["certManager", "cloudNativePg", "barmanCloud", "traefik"];
  const operators = Object.fromEntries(every.map((operator) => [operator, { install: true }]));
  for (const { operator, chart, version } of releases(stackConfig({ operators }))) {
    const row = page.split("\n").find((line) => line.includes(`\`operators.${operator}.install\``));
    expect(row, operator).toContain(`${chart} ${version}`);
  }
});

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { STAND_INS, standInPath } from "../../../../embedded/providers/index.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "attic-stand-ins-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it.each(STAND_INS)("$name stands in for the SDK version that is installed", ({ sdk, sdkVersion }) => {
  expect(createRequire(import.meta.url)(`${sdk}/package.json`).version).toBe(sdkVersion);
});

it("puts on a PATH what was asked for and nothing else, as often as one likes", () => {
  standInPath(["tls"], directory);
  expect(standInPath(["tls", "aws"], directory)).toBe(directory);
  expect(readdirSync(directory)).toEqual(["pulumi-resource-aws", "pulumi-resource-tls"]);
});

it("names the stand-ins there are when one is not", () => {
  expect(() => standInPath(["gcp"], directory)).toThrow(
    'no stand-in is called "gcp"; there are: kubernetes, tls, random, aws',
  );
});

it.each(STAND_INS)("$name starts as a process and prints its port on the first line", async ({ name }) => {
  const child = spawn(join(standInPath([name], directory), `pulumi-resource-${name}`), ["127.0.0.1:1"], {
    cwd: "/",
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data))),
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // The engine ends its plugins with SIGINT, and waits five seconds for one that does not go.
  child.kill("SIGINT");
  expect(line).toMatch(/^\d+\n$/);
  expect(await ended).toBe(0);
});

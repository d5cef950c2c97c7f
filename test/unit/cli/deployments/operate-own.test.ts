import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ownEngine } from "../../../../cli/deployments/operate-own.ts";

const folder = mkdtempSync(join(tmpdir(), "attic-own-engine-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of PATH in which `pulumi` is a script. */
function pulumi(name: string, script: string): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return directory;
}

const old = pulumi("old", "echo v3.100.0");
const silent = pulumi("silent", "exit 1");
const recent = pulumi("recent", "echo v3.210.0");

describe("the pulumi that updates a stack", () => {
  test("is the first on PATH that is recent enough", async () => {
    const engine = await ownEngine({ PATH: [old, recent].join(delimiter) });
    expect(engine).toMatchObject({ path: join(recent, "pulumi"), version: "3.210.0" });
  });

  test("is missed by name when there is none", async () => {
    await expect(ownEngine({ PATH: folder })).rejects.toThrow("there is no `pulumi` on PATH");
  });

  test.each([
    ["is too old", old, /old\/pulumi is 3\.100\.0; 3\.208\.0 or newer is needed/],
    ["does not tell its version", silent, /silent\/pulumi does not answer `pulumi version`/],
  ])("is not said to be missing when it is there and %s", async (_, PATH, said) => {
    const failure = ownEngine({ PATH });
    await expect(failure).rejects.toThrow(said);
    await expect(failure).rejects.not.toThrow("there is no");
  });
});

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SHIPPED } from "../../config/shipped.ts";
import { readStackFile, stackNames } from "../../config/stack-file.ts";
import program from "../../index.ts";
import { files } from "../../render/files.ts";
import { type Recording, record } from "../../render/record.ts";

/**
 * What waits for what, and what is protected: what the objects themselves do not show. Names only, since the
 * objects stand beside it.
 */
function graph({ resources }: Recording): string {
  const short = (urn: string) => urn.split("::").slice(2).join(" ").replace(/.*[$]/, "");
  return resources
    .map(({ urn, dependsOn, protect }) => [
      `${short(urn)}${protect ? " (protected)" : ""}`,
      ...dependsOn.map((other) => `  waits for ${short(other)}`),
    ])
    .flat()
    .join("\n")
    .concat("\n");
}

/**
 * The whole resource graph of every stack as the project comes with it, a file for each object, in a folder for each
 * component. A change is reviewed in the diff and accepted with `npm run golden`.
 */
describe.each(stackNames(SHIPPED).sort())("stack %s", async (stack) => {
  const now = new Date("2026-11-21T08:00:00Z");
  const recording = await record(() => program(now), { stack, config: readStackFile(SHIPPED, stack) });
  const expected = files(recording).set("graph.txt", graph(recording));
  const folder = join(import.meta.dirname, stack);

  test.each([...expected])("%s", async (path, text) => {
    await expect(text).toMatchFileSnapshot(join(folder, path));
  });

  test("has no file of an object that is gone", () => {
    const there = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    const paths = there.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name).slice(folder.length + 1));
    expect(paths.filter((path) => !expected.has(path))).toEqual([]);
  });
});

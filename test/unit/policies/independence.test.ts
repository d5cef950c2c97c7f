import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../../policies");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts") && !name.includes("node_modules"),
);

/** What a file imports to run, not only to be checked by. */
const imports = (text: string) =>
  [...text.matchAll(/^(?:import|export)(?! type)[^;]*? from "([^"]+)";/gm)].map(([, from]) => from as string);

describe("policies", () => {
  test.each(files)("%s shares nothing with the program but types", (name) => {
    const depth = name.split("/").length - 1;
    const outside = "../".repeat(depth + 1);
    const shared = imports(readFileSync(join(folder, name), "utf8")).filter((from) =>
      from.startsWith(outside),
    );
    expect(shared).toEqual([]);
  });

  test("load no SDK of a provider, which would take longer than all of them", () => {
    const loaded = files.flatMap((name) => imports(readFileSync(join(folder, name), "utf8")));
    const packages = new Set(loaded.filter((from) => !from.startsWith(".")));
    expect([...packages].sort()).toEqual(["@pulumi/policy", "node:fs", "node:module", "node:net"]);
  });
});

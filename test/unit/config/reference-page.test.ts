import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keyDocs } from "../../../config/reference.ts";
import { referencePage } from "../../../config/reference-page.ts";
import { rules } from "../../../config/rules/index.ts";

const page = referencePage();
const rows = page.split("\n").filter((line) => line.startsWith("| `"));
const row = (path: string) => rows.find((line) => line.startsWith(`| \`${path}\` `));

test("docs/configuration.md is what `npm run schema` writes", () => {
  expect(readFileSync(join(import.meta.dirname, "../../../docs/configuration.md"), "utf8")).toBe(page);
});

describe("the reference page", () => {
  test("has a row for each key that the schema describes, and a section for each that holds others", () => {
    const listed = rows.map((line) => line.split("`")[1]?.replaceAll(/\.<name>|\[\]/g, ""));
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect([...keyDocs().keys()].filter((path) => ![...listed, ...sections].includes(path))).toEqual([]);
  });

  test("says each rule over several keys, at the section that it is reported at", () => {
    const missing = rules.filter(({ at, says }) => {
      const [, section = ""] = page.split(`\n## ${at.split(".")[0]}\n`);
      return !(section.split("\n## ")[0] ?? "").includes(` ${says}.`);
    });
    expect(missing).toEqual([]);
  });

  test.each<[string, string]>([
    [
      "hostname",
      "a lower-case DNS name such as nix-cache.example.com, without scheme, port or path | **required**",
    ],
    ["api.scaling.maxReplicas", "whole number, 1 to 200 | `10`"],
    ["garbageCollection.resources.limits.memory", 'a memory quantity such as "512Mi" or "1Gi" | `256Mi`'],
    [
      "objectStore.infrequentAccessAfterDays",
      "whole number: at least 30, as S3 demands, or 0 for never | `30`",
    ],
    ["objectStore.s3.credentials.secretAccessKey", "text; **secret** | **required**"],
    ["tokens.service.<name>.validityDays", "whole number, 1 to 365 | `365`"],
    ["server.compression.type", "`none`, `zstd`, `brotli`, `xz` | `zstd`"],
    ["tokens.revoked[].reason", "text | **required**"],
  ])("tells what %s may be, and its default", (path, told) => {
    expect(row(path)).toContain(`| \`${path}\` | ${told} |`);
  });

  test("breaks no table: every row has four cells", () => {
    expect(rows.filter((line) => line.split(/(?<!\\)\|/).length !== 6)).toEqual([]);
  });
});

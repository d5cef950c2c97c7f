import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checks } from "../../../../cli/status/checks/index.ts";

const page = readFileSync("docs/verify.md", "utf8");
const section = page.split("\n## ").find((text) => text.startsWith("The checks\n")) ?? "";
const rows = section.split("\n").filter((line) => line.startsWith("| `"));

describe("the page on status and verify", () => {
  test("has a row for every check in their order, and for no other", () => {
    const named = rows.map((row) => /^\| `([\w-]+)`( \(\w+\))? \|/.exec(row)?.slice(1).join(""));
    expect(named).toEqual(checks.map(({ id, only }) => (only ? `${id} (${only})` : id)));
  });

  test.each(checks.map(({ id, see }) => [id, see]))(
    "sends whom %s fails to %s, which is there",
    (id, see) => {
      expect(rows.find((row) => row.startsWith(`| \`${id}\``))).toContain(`](${see.replace("docs/", "")})`);
      expect(existsSync(see.replace(/#.*/, ""))).toBe(true);
    },
  );

  test("names the rights that the test on a real API server has", () => {
    const embedded = readFileSync("test/embedded/status.test.ts", "utf8");
    const given = [...embedded.matchAll(/rule\(("[^)]*")\)/g)].flatMap(([, list = ""]) =>
      [...list.matchAll(/"([\w.]+)"/g)].map(([, word]) => word as string),
    );
    expect(given.length).toBeGreaterThan(30);
    const rights = page.slice(page.indexOf("| API group |"), page.indexOf("Finding a Prometheus by itself"));
    expect(given.filter((word) => !rights.includes(word))).toEqual([]);
  });
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policies } from "../../../policies/all.ts";
import { PROJECT } from "../../support/docs/pages.ts";

const page = readFileSync(join(PROJECT, "docs/security.md"), "utf8");
const [controls = ""] = page.split("\n## Yours\n");

/** The tables' rows: what, where it is made, which policy, which test. */
const rows = controls
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| control |"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const linked = (cell: string) =>
  [...cell.matchAll(/\]\(([^)#]+)/g)].map(([, path = ""]) => join("docs", path));
const named = (cell: string) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name = ""]) => name);

describe("the security checklist", () => {
  test("has four cells in every row", () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((cells) => cells.length !== 4)).toEqual([]);
  });

  test.each(rows)("says where this is made, by a file that is there: %s", (_, made = "") => {
    expect(linked(made)).not.toEqual([]);
    expect(linked(made).filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });

  test.each(rows)("says what holds this, by a test or a page that is there: %s", (...cells) => {
    expect(linked(cells[3] ?? "")).not.toEqual([]);
    expect(linked(cells[3] ?? "").filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });

  test("names policies that there are", () => {
    const there = new Set(policies.map(({ name }) => name as string));
    expect(rows.flatMap((cells) => named(cells[2] ?? "")).filter((name) => !there.has(name))).toEqual([]);
  });

  test("names every policy that is about access, secrets, encryption and loss", () => {
    const domains =
      /^(no-|bucket-|database-(tls|superuser|backups|image)|routes-(tls|limited|host)|tokens-|secrets-|least|role|seccomp|non-root|read-only|restricted|default|pods-covered|irreplaceable)/;
    const mentioned = new Set(rows.flatMap((cells) => named(cells[2] ?? "")));
    // Nothing reads the cache through public access settings: least-access and the bucket's own policy say more.
    const elsewhere = ["bucket-private"];
    const missing = policies
      .map(({ name }) => name as string)
      .filter((name) => domains.test(name) && !mentioned.has(name) && !elsewhere.includes(name));
    expect(missing).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { judgeAll } from "../../../../cli/status/checks/index.ts";
import { escaped } from "../../../../cli/status/markdown.ts";
import type { Snapshot } from "../../../../cli/status/snapshot.ts";
import { rows, shortImage } from "../../../../cli/status/words.ts";
import { wrap } from "../../../../cli/status/wrap.ts";
import { image } from "../../../support/settings.ts";
import { ago, facts, there, wellSnapshot } from "./facts.ts";

/** The line of an area, by its mark. */
function line(label: string, parts: Partial<Snapshot>): string | undefined {
  const given = facts(parts);
  const found = rows(given.snapshot, judgeAll(given, "status")).find((row) => row.label === label);
  return found && `${found.mark}: ${found.text}`;
}

describe("a line", () => {
  test.each([
    [
      "API",
      { api: there({ ...wellSnapshot.api.value, restarts: 1 }) },
      "well: 2/2 ready, b7c90565, 3 d old, 1 restart",
    ],
    [
      "collector",
      {
        collector: there({
          kind: "CronJob",
          name: "attic-gc",
          image,
          schedule: "0 0 * * *",
          suspended: true,
          lastSuccess: ago(5),
        }),
      },
      'wrong: b7c90565, "0 0 * * *", suspended, last 5 h ago',
    ],
    [
      "collector",
      {
        collector: there({
          kind: "CronJob",
          name: "attic-gc",
          image,
          schedule: "0 0 * * *",
          suspended: false,
        }),
      },
      'well: b7c90565, "0 0 * * *", no run has succeeded yet',
    ],
    [
      "migrations",
      { migrations: there({ name: "attic-migrate-1", image, state: "failed", why: "x" }) },
      "wrong: failed, attic-migrate-1",
    ],
    [
      "database",
      {
        database: there({
          ...wellSnapshot.database.value,
          ready: false,
          phase: "Failing over",
          primary: "attic-pg-2",
        }),
      },
      "wrong: 3/3 ready, primary attic-pg-2, Failing over, 0 s behind",
    ],
    [
      "backup",
      { database: there({ ...wellSnapshot.database.value, archiving: { ok: false, message: "no" } }) },
      "wrong: last 12 h ago, back to 2026-10-23, archiving FAILS",
    ],
    [
      "alerts",
      {
        prometheus: there({
          from: "p",
          unloaded: [],
          firing: [{ alert: "AtticApiDown", severity: "critical", summary: "" }],
        }),
      },
      "wrong: AtticApiDown",
    ],
    ["alerts", {}, "well: none fires"],
    [
      "alerts",
      {
        prometheus: there({
          from: "p",
          firing: [
            { alert: "KubePodNotReady", severity: "warning", summary: "", runbook: "https://r.example/1" },
            { alert: "CPUThrottlingHigh", severity: "info", summary: "", runbook: "https://r.example/2" },
          ],
        }),
      },
      "well: none of its own; KubePodNotReady (warning) https://r.example/1",
    ],
    ["routes", { routes: there({ declared: 14, missing: ["Middleware a"] }) }, "wrong: 13 of 14"],
  ] as [string, Partial<Snapshot>, string][])("%s %j", (label, parts, words) => {
    expect(line(label, parts)).toBe(words);
  });
});

test.each([
  ["ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810", "b7c90565"],
  [
    "registry:5000/attic:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "01234567",
  ],
  ["attic:main", "attic:main"],
])("of the image %s the line has %s", (long, short) => {
  expect(shortImage(long)).toBe(short);
});

describe("a text that is too long", () => {
  test("is broken between words, and indented from its second line on", () => {
    expect(wrap("one two three four", 9, "  ")).toEqual(["one two", "  three", "  four"]);
  });

  test("keeps its own indent, and whole words that are longer than the line", () => {
    expect(wrap("  see ghcr.io/zhaofengli/attic now", 10, "    ")).toEqual([
      "  see",
      "    ghcr.io/zhaofengli/attic",
      "    now",
    ]);
  });

  test("is left alone when it is not", () => {
    expect(wrap("", 10)).toEqual([""]);
    expect(wrap("exactly 10", 10)).toEqual(["exactly 10"]);
  });
});

test("text from the cluster is text in Markdown, on one line", () => {
  expect(escaped("a\nb | *c* `d` [e](f) <g> #h ~i \\j")).toBe(
    "a b \\| \\*c\\* \\`d\\` \\[e\\](f) \\<g\\> \\#h \\~i \\\\j",
  );
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type RestoreEntry, writeRestore } from "../../../../../cli/database/restore/restore-edit.ts";
import { SHIPPED } from "../../../../../config/shipped.ts";

const entry: RestoreEntry = {
  from: "attic-pg",
  serverName: "attic-pg-2",
  targetTime: "2026-11-20T10:30:00Z",
};
const restoreIn = (text: string) => parse(text).config["attic:database"].cloudNativePg.restore;
const comments = (text: string) => text.match(/#.*/g);
const head = "config:\n  attic:hostname: x\n";

const anyEntry: fc.Arbitrary<RestoreEntry> = fc
  .record({
    from: fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/),
    serverName: fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/),
    target: fc.oneof(
      fc.constant({}),
      fc
        .date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
        .map((time) => ({ targetTime: time.toISOString() })),
      fc.record({ targetName: fc.string({ minLength: 1 }), backupId: fc.constant("20261120T000000") }),
    ),
  })
  .map(({ target, ...names }) => ({ ...names, ...target }));

describe.each(["local", "staging", "production"])("a restore in Pulumi.%s.yaml", (stack) => {
  const text = readFileSync(join(SHIPPED, `Pulumi.${stack}.yaml`), "utf8");

  test("is read as it was written, one in the place of the other, and no comment is lost", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 4 }), (entries) => {
        let edited = text;
        for (const each of entries) edited = writeRestore(edited, each);
        expect(restoreIn(edited)).toEqual(entries.at(-1));
        for (const comment of comments(text) ?? []) expect(edited).toContain(comment);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a restore is put in, too, where the file has its database", () => {
  const database = `${head}  attic:database:`;
  test.each([
    ["nowhere", head],
    ["nowhere, without a newline at the end", head.trimEnd()],
    ["with nothing in it", `${database}\n  attic:image: y\n`],
    ["with nothing in it but a comment", `${database} # later\n  attic:image: y\n`],
    ["with another setting", `${database}\n    name: attic # the name\n  attic:image: y\n`],
    ["with an empty cluster", `${database}\n    cloudNativePg:\n  attic:image: y\n`],
    [
      "in the middle",
      `${database}\n    cloudNativePg:\n      instances: 2\n\n  # the image\n  attic:image: y\n`,
    ],
    ["in braces", `${database} { cloudNativePg: { instances: 2 } } # small\n  attic:image: y\n`],
    ["in empty braces", `${database} {}\n`],
    [
      "with a server name for another major version",
      `${database}\n    cloudNativePg:\n      backup:\n        retention: 7d\n        serverName: attic-pg-18\n      instances: 2\n`,
    ],
    [
      "with a server name and nothing else of a backup",
      `${database}\n    cloudNativePg:\n      backup:\n        serverName: attic-pg-18\n      instances: 2\n`,
    ],
    [
      "with a server name in braces",
      `${database} { cloudNativePg: { backup: { serverName: a, retention: 7d } } }\n`,
    ],
    [
      "with a restore of before, and why",
      `${database}\n    cloudNativePg:\n      # the incident of May\n      restore:\n        from: a # then\n        serverName: b\n        targetName: before # the mark\n        backupId: "20260501T000000"\n      instances: 2\n`,
    ],
    ["with lines that end as on Windows", `${database}\n    name: a\n`.replaceAll("\n", "\r\n")],
  ])("%s", (_where, text) => {
    const after = writeRestore(text, entry);
    const before = parse(text).config["attic:database"] ?? {};
    const { backup, restore: _, ...cluster } = before.cloudNativePg ?? {};
    const { serverName: __, ...kept } = backup ?? {};
    expect(parse(after).config).toEqual({
      ...parse(text).config,
      "attic:database": {
        ...before,
        cloudNativePg: {
          ...cluster,
          ...(Object.keys(kept).length > 0 && { backup: kept }),
          restore: entry,
        },
      },
    });
    if (text.includes("\r\n")) expect(after).not.toMatch(/[^\r]\n/);
  });

  test("keeping the comments of a restore that was there, but those of lines that go", () => {
    const text = `${database}\n    cloudNativePg:\n      # the incident of May\n      restore:\n        from: a # then\n        serverName: b\n        targetName: before # the mark\n        backupId: "20260501T000000"\n`;
    expect(comments(writeRestore(text, entry))).toEqual(["# the incident of May", "# then"]);
  });

  test("and written a second time changes nothing", () => {
    const once = writeRestore(head, entry);
    expect(writeRestore(once, entry)).toBe(once);
  });

  test.each([
    ["as JSON in a text", `${database} '{"cloudNativePg": {}}'\n`],
    ["by an alias", `a: &t { cloudNativePg: {} }\n${database} *t\n`],
    ["in no YAML", `${database} [\n`],
  ])("but not %s: it says what to write by hand", (_how, text) => {
    expect(() => writeRestore(text, entry)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("the file is as it was"),
        hint: expect.stringContaining('        targetTime: "2026-11-20T10:30:00Z"'),
      }),
    );
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  addRevocation,
  lengthenRevocation,
  type RevocationEntry,
} from "../../../../cli/tokens/revocation-edit.ts";
import { SHIPPED } from "../../../../config/shipped.ts";

const stackFile = (stack: string) => readFileSync(join(SHIPPED, `Pulumi.${stack}.yaml`), "utf8");

const entry: RevocationEntry = {
  token: "gitlab-main",
  generation: 3,
  issue: 0,
  expires: "2027-02-19T07:50:00Z",
  reason: "printed by a job",
};

/** Any entry that the command can write, with whatever a person may give as the reason. */
const anyEntry: fc.Arbitrary<RevocationEntry> = fc.oneof(
  fc.record({
    token: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
    generation: fc.integer({ min: 1, max: 99 }),
    issue: fc.integer({ min: 0, max: 9 }),
    expires: fc.constant("2027-02-19T07:50:00Z"),
    reason: fc.string({ unit: "grapheme", minLength: 1 }),
  }),
  fc.record({
    fragment: fc.stringMatching(/^[A-Za-z0-9_-]{32,64}$/),
    expires: fc.constant("9999-12-31T23:59:59Z"),
    reason: fc.string({ minLength: 1 }),
  }),
);

/** The second text is the first with lines put in, all at one place. */
function insertedLines(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const added = now.length - old.length;
  const at = now.findIndex((line, i) => line !== old[i]);
  expect([...now.slice(0, at), ...now.slice(at + added)]).toEqual(old);
  return now.slice(at, at + added);
}

const revokedIn = (text: string) => parse(text).config["attic:tokens"].revoked;

describe.each(["local", "staging", "production"])("a revocation in Pulumi.%s.yaml", (stack) => {
  const text = stackFile(stack);

  test("is a few lines more, and every other line is as it was", () => {
    const after = addRevocation(text, entry);
    expect(insertedLines(text, after)).toEqual([
      "    revoked:",
      '      - token: "gitlab-main"',
      "        generation: 3",
      "        issue: 0",
      '        expires: "2027-02-19T07:50:00Z"',
      '        reason: "printed by a job"',
    ]);
  });

  test("is read as it was written, one behind the other, whatever the reason says", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 4 }), (entries) => {
        let edited = text;
        for (const each of entries) {
          const next = addRevocation(edited, each);
          insertedLines(edited, next);
          edited = next;
        }
        expect(revokedIn(edited)).toEqual(entries);
        const { revoked: _, ...others } = parse(edited).config["attic:tokens"];
        expect(others).toEqual(parse(text).config["attic:tokens"]);
      }),
      { numRuns: 30 },
    );
  });
});

const head = "config:\n  attic:hostname: x\n";

describe("a revocation is put in, too, where the file says its tokens", () => {
  test.each([
    ["nowhere", head],
    ["nowhere, with a comment at the end", `${head}  # the end\n\n# really\n`],
    ["nowhere, without a newline at the end", head.trimEnd()],
    ["with nothing in it", `${head}  attic:tokens:\n  attic:image: y\n`],
    ["with nothing in it but a comment", `${head}  attic:tokens: # later\n  attic:image: y\n`],
    ["in the middle", `${head}  attic:tokens:\n    ci: {}\n\n  # the image\n  attic:image: y\n`],
    ["indented by four", `config:\n    attic:tokens:\n        ci: {}\n    attic:image: y\n`],
    ["with revocations that are empty", `${head}  attic:tokens:\n    revoked:\n    ci: {}\n`],
    [
      "with revocations that are an empty list",
      `${head}  attic:tokens:\n    revoked: [] # none\n    ci: {}\n`,
    ],
    [
      "with a list that is not indented",
      `${head}  attic:tokens:\n    revoked:\n    - token: a # why\n      generation: 1\n    ci: {}\n`,
    ],
    [
      "with a list that ends in a comment",
      `${head}  attic:tokens:\n    revoked:\n      - token: a\n        reason: b # c\n      # d\n    ci: {}\n`,
    ],
    [
      "with a list that ends in a long text",
      `${head}  attic:tokens:\n    revoked:\n      - reason: |\n          a\n          b\n    ci: {}\n`,
    ],
    ["with a list in brackets", `${head}  attic:tokens:\n    revoked: [{ token: a, generation: 1 }]\n`],
    [
      "with a list in brackets over lines",
      `${head}  attic:tokens:\n    revoked: [\n      { token: a }, # why\n      { token: b },\n    ]\n    ci: {}\n`,
    ],
    ["in braces", `${head}  attic:tokens: { ci: { a: { caches: { main: [pull] } } } }\n  attic:image: y\n`],
    ["in empty braces", `${head}  attic:tokens: {}\n`],
    ["in braces, with revocations", `${head}  attic:tokens: { revoked: [{ token: a }], ci: {} }\n`],
    ["in quotes", `${head}  "attic:tokens":\n    "ci": {}\n`],
    ["with lines that end as on Windows", `${head}  attic:tokens:\n    ci: {}\n`.replaceAll("\n", "\r\n")],
  ])("%s", (_where, text) => {
    const before = parse(text).config["attic:tokens"] ?? {};
    const after = addRevocation(text, entry);
    expect(parse(after).config).toEqual({
      ...parse(text).config,
      "attic:tokens": { ...before, revoked: [...(before.revoked ?? []), entry] },
    });
    const comments = (all: string) => all.match(/#.*/g);
    expect(comments(after)).toEqual(comments(text));
    if (text.includes("\r\n")) expect(after).not.toMatch(/[^\r]\n/);
  });

  test.each([
    ["as JSON in a text", `${head}  attic:tokens: '{"ci": {}}'\n`],
    ["by an alias", `a: &t { ci: {} }\n${head}  attic:tokens: *t\n`],
    ["in a configuration in braces", `config: { "attic:hostname": x }\n`],
    ["in no YAML", `${head}  attic:tokens: [\n`],
  ])("but not %s: it says what to add by hand", (_how, text) => {
    expect(() => addRevocation(text, entry)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("the file is as it was"),
        hint: expect.stringContaining('      - token: "gitlab-main"\n        generation: 3\n'),
      }),
    );
  });
});

describe("a revocation whose end is put off", () => {
  const later = "2027-05-06T07:50:00Z";
  const two = addRevocation(addRevocation(stackFile("local"), { ...entry, reason: "another" }), entry);

  test("is another time in that entry, and every other character is as it was", () => {
    const after = lengthenRevocation(two, 1, later);
    expect(revokedIn(after)).toEqual([
      { ...entry, reason: "another" },
      { ...entry, expires: later },
    ]);
    const at = two.lastIndexOf(entry.expires as string);
    expect(after).toBe(two.slice(0, at) + later + two.slice(at + later.length));
  });

  test("is written by hand where that is not possible by machine", () => {
    const text = two.replaceAll(
      'expires: "2027-02-19T07:50:00Z"',
      "expires: >-\n          2027-02-19T07:50:00Z",
    );
    expect(() => lengthenRevocation(text, 1, later)).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining("the file is as it was"),
        hint: `write this by hand, in entry 2 of revoked:\nexpires: "${later}"`,
      }),
    );
  });
});

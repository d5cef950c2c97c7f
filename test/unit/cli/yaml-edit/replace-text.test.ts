import { expect, test } from "vitest";
import { replaceText } from "../../../../cli/yaml-edit/replace-text.ts";

const at = ["config", "attic:image"];

test.each([
  [
    "config:\n  # why\n  attic:image: old   # behind\n  b: [1]\n",
    "config:\n  # why\n  attic:image: new   # behind\n  b: [1]\n",
  ],
  ['config:\n  attic:image: "old"\n', 'config:\n  attic:image: "new"\n'],
  ["config: { attic:image: 'old', b: 1 }\n", "config: { attic:image: 'new', b: 1 }\n"],
])("%j is changed at the one place", (before, after) => {
  expect(replaceText(before, at, "new")).toBe(after);
});

test.each([
  ["config:\n  b: 1\n"],
  ["config:\n  attic:image: { secure: x }\n"],
  ["config:\n  a: &x old\n  attic:image: *x\n"],
  ["config:\n  attic:image: >\n    old\n"],
  ["config: [\n"],
])("%j is left to a person", (text) => {
  expect(replaceText(text, at, "new")).toBeUndefined();
});

import { expect, test } from "vitest";
import { nixString, nixValue } from "../../../../cli/clients/nix-language.ts";

test.each([
  ['say "hi"', '"say \\"hi\\""'],
  ["back\\slash", '"back\\\\slash"'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not be replaced
  ["a ${b}", '"a \\${b}"'],
  ["$b", '"$b"'],
  ["two\nlines", '"two\\nlines"'],
])("a string is what it is, whatever is in it: %j", (text, written) => {
  expect(nixString(text)).toBe(written);
});

test("attributes are quoted where their names are none", () => {
  expect(nixValue({ "connect-timeout": 5, "a+b": true, none: [] })).toBe(
    '{\n  connect-timeout = 5;\n  "a+b" = true;\n  none = [ ];\n}',
  );
});

import { expect, test } from "vitest";
import { allows } from "../../../../cli/clients/client.ts";

test.each([
  ["the exact name decides", { "*": ["pull"], main: ["push"] }, "main", "pull", false],
  ["else the narrowest pattern", { "*": ["pull"], "dev-*": ["pull", "push"] }, "dev-a", "push", true],
  [
    "permissions of several patterns are not added up",
    { "*": ["pull"], "dev-*": ["push"] },
    "dev-a",
    "pull",
    false,
  ],
  ["what no pattern means is not allowed", { "dev-*": ["pull"] }, "main", "pull", false],
] as const)("%s", (_what, grants, cache, permission, allowed) => {
  expect(allows(grants as never, cache, permission)).toBe(allowed);
});

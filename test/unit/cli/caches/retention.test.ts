import { expect, test } from "vitest";
import { retentionOf } from "../../../../cli/caches/retention.ts";

test("a cache's retention is the server's default when none is declared, and no end for ever", () => {
  expect(retentionOf(undefined)).toBe("default");
  expect(retentionOf("forever")).toBe(0);
  expect(retentionOf("90 days")).toBe(7_776_000);
});

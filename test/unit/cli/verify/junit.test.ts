import { describe, expect, test } from "vitest";
import { junit } from "../../../../cli/verify/junit.ts";
import type { CheckResult, VerifyResult } from "../../../../cli/verify/result.ts";

const check = (id: string, outcome: CheckResult["outcome"], found: string): CheckResult => ({
  id,
  area: "api",
  title: "it is",
  outcome,
  found,
  expected: "all",
  see: "docs/verify.md",
});
const xml = (...checks: CheckResult[]) =>
  junit({
    version: 1,
    stack: "test",
    time: "2026-11-21T12:00:00.000Z",
    cluster: "https://10.0.0.1",
    namespace: "nix-cache",
    image: "attic:1",
    ok: false,
    looks: 1,
    checks,
  } satisfies VerifyResult);

test("every check is a test case, by its outcome", () => {
  expect(
    xml(check("a", "passed", "1"), check("b", "failed", "none"), check("c", "skipped", "not here")),
  ).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1" errors="0">
  <testsuite name="atticctl verify test" tests="3" failures="1" skipped="1" errors="0" timestamp="2026-11-21T12:00:00.000Z" hostname="https://10.0.0.1">
    <testcase classname="verify.api" name="a: it is"/>
    <testcase classname="verify.api" name="b: it is">
      <failure message="none" type="b">found: none
expected: all
see: docs/verify.md</failure>
    </testcase>
    <testcase classname="verify.api" name="c: it is">
      <skipped message="not here"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

describe("what a cluster says cannot break the XML", () => {
  test.each([
    ["markup", `<b a="1" c='2'> & ]]>`, "&lt;b a=&quot;1&quot; c=&apos;2&apos;&gt; &amp; ]]&gt;"],
    ["control characters, which XML has no way to write", "a\u0000b\u001b[31mc", "a\ufffdb\ufffd[31mc"],
    ["half of a surrogate pair", "a\ud800b", "a\ufffdb"],
    ["what looks like an entity", "&lt;", "&amp;lt;"],
  ])("%s", (_, found, written) => {
    expect(xml(check("a", "failed", found))).toContain(
      `<failure message="${written}" type="a">found: ${written}\n`,
    );
  });
});

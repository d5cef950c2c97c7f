import type { CheckResult, VerifyResult } from "./result.ts";

/** A result as JUnit's XML, in the form that GitLab reads as a test report: one test case for each check. */
export function junit({ stack, time, cluster, checks }: VerifyResult): string {
  const count = (outcome: CheckResult["outcome"]) =>
    checks.filter((check) => check.outcome === outcome).length;
  const totals = `tests="${checks.length}" failures="${count("failed")}" skipped="${count("skipped")}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="${escaped(`atticctl verify ${stack}`)}" ${totals} timestamp="${escaped(time)}" hostname="${escaped(cluster)}">`,
    ...checks.flatMap(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ id, area, title, outcome, found, expected, see }: CheckResult): string[] {
  const open = `    <testcase classname="${escaped(`verify.${area}`)}" name="${escaped(`${id}: ${title}`)}"`;
  if (outcome === "passed") return [`${open}/>`];
  if (outcome === "skipped")
    return [`${open}>`, `      <skipped message="${escaped(found)}"/>`, "    </testcase>"];
  const body = `found: ${found}\nexpected: ${expected}\nsee: ${see}`;
  return [
    `${open}>`,
    `      <failure message="${escaped(found)}" type="${escaped(id)}">${escaped(body)}</failure>`,
    "    </testcase>",
  ];
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text for an attribute or an element. What XML 1.0 has no way to write at all becomes a replacement character. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[&<>"']/g, (character) => entities[character] as string)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot have
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
  );
}

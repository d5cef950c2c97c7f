import { describe, expect, test } from "vitest";
import { checkRules, type PlainGroup, type RuleTest, readReport, testRules } from "../../support/promtool.ts";

const group = (expr: string): PlainGroup => ({
  name: "example",
  rules: [
    {
      alert: "Down",
      expr,
      labels: { severity: "critical" },
      annotations: { summary: "{{ $labels.job }} & co" },
    },
  ],
});

const down = (over: Partial<RuleTest>): RuleTest => ({
  name: "down",
  groups: [group("up == 0")],
  interval: "1m",
  start: "2026-01-01T00:00:00Z",
  series: { 'up{job="a"}': "1x5 0x5" },
  alerts: [{ after: "5m", alert: "Down", fires: [] }],
  ...over,
});

describe("promtool check rules", () => {
  test("accepts a rule", async () => {
    expect(await checkRules([group("up == 0")])).toMatchObject({ code: 0 });
  });

  test.each([
    ["that PromQL does not have", [group("up == ")], "parse error"],
    [
      "that is there twice",
      [{ ...group("up == 0"), rules: [...group("up").rules, ...group("up").rules] }],
      "duplicate",
    ],
  ])("refuses a rule %s", async (_, groups, message) => {
    const { code, stderr } = await checkRules(groups);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

describe("promtool test rules", () => {
  const firing = { labels: { job: "a", severity: "critical" }, annotations: { summary: "a & co" } };

  test("travels in time: an alert that does not fire yet, and then does", async () => {
    const alerts = [
      { after: "5m", alert: "Down", fires: [] },
      { after: "6m", alert: "Down", fires: [firing] },
    ];
    expect(await testRules([down({ alerts })])).toEqual(new Map([["down", []]]));
  });

  test("tells each test apart, and what fired instead", async () => {
    const early = down({ name: "too <early>", alerts: [{ after: "5m", alert: "Down", fires: [firing] }] });
    const results = await testRules([down({}), early]);
    expect(results.get("down")).toEqual([]);
    expect(results.get("too <early>")).toEqual([expect.stringMatching(/exp:.*job="a".*got:\[\]/s)]);
  });

  test("fails a test whose series cannot be read", async () => {
    const results = await testRules([down({ series: { "up{": "1" } })]);
    expect(results.get("down")).toEqual([expect.stringContaining("parse error")]);
  });

  test("is an error when a test's file cannot be read", async () => {
    await expect(testRules([down({ interval: "soon" })])).rejects.toThrow("not a valid duration string");
  });
});

test("a report is read with what its encoder escapes", () => {
  const xml = `<testsuites><testsuite name="a"><testcase name="a &lt;b&gt; &#34;c&#34;"><failure>one&#xA;two &amp; &#39;3&#39;</failure></testcase><testcase name="d"></testcase></testsuite></testsuites>`;
  expect(readReport(xml)).toEqual(
    new Map([
      ['a <b> "c"', ["one\ntwo & '3'"]],
      ["d", []],
    ]),
  );
});

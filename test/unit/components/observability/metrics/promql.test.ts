import { describe, expect, test } from "vitest";
import { labelMatchers, metricNames, parse, passedThrough, selectors } from "../../../../support/promql.ts";

describe("reading PromQL", () => {
  test.each([
    ['foo{x="a"', 'line 1, column 10, at its end: foo{x="a"'],
    ["foo bar", 'line 1, column 5, at "bar"'],
    ["a +\n )", 'line 2, column 2, at ")"'],
    ["", "line 1, column 1, at its end"],
  ])("says where %j is wrong", (expr, where) => {
    expect(() => parse(expr)).toThrow(`not PromQL at ${where}`);
  });

  test("takes what rules are made of", () => {
    const expr =
      'sum by (a) (rate(x:y_total{b="c"}[5m] offset 1d)) / on (a) group_left (d) z > bool 0.5 or vector(1e3)';
    expect(() => parse(expr)).not.toThrow();
  });

  test("finds each metric once, however it is written, and neither functions nor labels", () => {
    expect(metricNames('sum by (d) (a{x="1"}) / on (e) b or {__name__="c"} unless rate(a[5m])')).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test("finds every condition with the metric that it is on", () => {
    expect(labelMatchers('a{x="1\\"", y=~"b|c"} / b{z!=\'q\', "w.v"!~"r"}')).toEqual([
      { metric: "a", label: "x", op: "=", value: '1"' },
      { metric: "a", label: "y", op: "=~", value: "b|c" },
      { metric: "b", label: "z", op: "!=", value: "q" },
      { metric: "b", label: "w.v", op: "!~", value: "r" },
    ]);
  });

  test("keeps selectors of one metric apart", () => {
    const [first, second] = selectors('a{x="1"} - a');
    expect(first?.matchers).toHaveLength(1);
    expect(second).toEqual({ metric: "a", matchers: [] });
  });

  test("does not take a pattern on the name for a name", () => {
    expect(metricNames('{__name__=~"a.*"}')).toEqual([]);
    expect(labelMatchers('{__name__=~"a.*"}')).toHaveLength(1);
  });

  test("finds the metrics whose labels get into its result", () => {
    expect(passedThrough("max by (x) (a) - b > c or rate(d[5m])")).toEqual(["b", "c", "d"]);
    expect(passedThrough("(a and b) unless on () c or absent(d)")).toEqual(["a"]);
    expect(passedThrough("sum(rate(a[5m])) / on (x) group_left () count by (x) (b)")).toEqual([]);
  });
});

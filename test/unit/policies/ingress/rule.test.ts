import { describe, expect, test } from "vitest";
import { hostsOf, namesHost, parseRule } from "../../../../policies/ingress/rule.ts";

describe("a rule of Traefik", () => {
  test("is taken apart, && before ||", () => {
    expect(parseRule("Host(`a`) && !Method(`PUT`, `POST`) || (Path(`/b`))")).toEqual({
      or: [
        { and: [{ call: "Host", values: ["a"] }, { not: { call: "Method", values: ["PUT", "POST"] } }] },
        { call: "Path", values: ["/b"] },
      ],
    });
  });

  test("may have in its quotes whatever it likes", () => {
    expect(parseRule("PathRegexp(`^/(a|b)\\) && Host(c)$`)")).toEqual({
      call: "PathRegexp",
      values: ["^/(a|b)\\) && Host(c)$"],
    });
  });

  test.each(["", "Host(`a`", "Host(`a`) &&", "Host(`a`) Path(`/b`)", "(Host(`a`)"])("%j is none", (text) => {
    expect(() => parseRule(text)).toThrow("the rule");
  });

  test.each([
    ["Host(`a`)", true],
    ["Host(`a`) && Path(`/b`)", true],
    ["Path(`/b`) && (Host(`a`) || Host(`c`))", true],
    ["Path(`/b`)", false],
    ["Host(`a`) || Path(`/b`)", false],
    ["!Host(`a`)", false],
    ["HostRegexp(`.+`)", false],
    ["Host()", false],
    ["PathRegexp(`Host(a)`)", false],
  ])("%s names its hosts: %s", (text, answer) => {
    expect(namesHost(parseRule(text))).toBe(answer);
  });

  test("tells the hosts that it names", () => {
    expect(hostsOf(parseRule("(Host(`a`, `b`) || Host(`c`)) && !Host(`d`)"))).toEqual(["a", "b", "c"]);
  });
});

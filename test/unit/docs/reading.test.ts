import { describe, expect, test } from "vitest";
import { calls, commands, needsCluster, runnable } from "../../support/docs/commands.ts";
import { anchors, codeSpans, links, split } from "../../support/docs/pages.ts";

describe("a page", () => {
  const page = [
    "# What *is* `here`: a list",
    "See [this](other.md#part) and ![a picture](pictures/a.svg), not `[that](code.md)`.",
    "",
    "- in a list:",
    "  ```sh cluster",
    "  kubectl get pods",
    "    indented",
    "  ```",
    "## Part",
    "```text",
    "# no heading, [no link](nowhere.md)",
    "```",
    "## Part",
    "a [link",
    "over two lines](https://example.com) and `code",
    "over two`",
  ].join("\n");

  test("is split into blocks, without their indentation, and prose", () => {
    const { fences, prose } = split(page);
    expect(fences).toEqual([
      { info: "sh cluster", code: "kubectl get pods\n  indented\n", line: 5 },
      { info: "text", code: "# no heading, [no link](nowhere.md)\n", line: 10 },
    ]);
    expect(prose).not.toContain("kubectl");
  });

  test("has an anchor for each heading, numbered when it is there before", () => {
    expect(anchors(page)).toEqual(["what-is-here-a-list", "part", "part-1"]);
  });

  test("leads where its links and pictures lead, and nowhere from code", () => {
    expect(links(page)).toEqual(["other.md#part", "pictures/a.svg", "https://example.com"]);
  });

  test("has code in its prose, on one line each", () => {
    expect(codeSpans(page)).toEqual(["here", "[that](code.md)", "code over two"]);
  });

  test("whose block is never closed is told with its line", () => {
    expect(() => split("text\n```sh\nls")).toThrow("the fence of line 2 is never closed");
  });
});

describe("a block's commands", () => {
  test.each<[string, string, string[]]>([
    ["one on each line", "a\nb  # said of b\n", ["a", "b  # said of b"]],
    ["over lines by a backslash", "a \\\n  b\nc\n", ["a \\\n  b", "c"]],
    ["over lines by a pipe", "a |\n  b\nc\n", ["a |\n  b", "c"]],
    ["over lines by a condition", "a &&\n  b\nc ||\n  d\n", ["a &&\n  b", "c ||\n  d"]],
    ["over lines in quotes, whatever stands in them", `a "b\n# c |\nd"\ne\n`, [`a "b\n# c |\nd"`, "e"]],
    ["with a pipe in a comment", "a  # b |\nc\n", ["a  # b |", "c"]],
    ["with a quote in a comment", "a  # it's b\nc\n", ["a  # it's b", "c"]],
    ["in the background", "a &\nb\n", ["a &", "b"]],
  ])("are told apart: %s", (_, code, expected) => {
    expect(commands(code)).toEqual(expected);
  });

  test("that go on behind the block are told", () => {
    expect(() => commands("a \\\n")).toThrow("goes on behind its block");
  });

  test("say by a comment that they need a cluster", () => {
    expect(["a  # cluster", "a  # cluster: why", "a \\\n  b  # cluster"].map(needsCluster)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      ["a", "a  # the cluster", "a  # clusters", "cluster a", "a '# cluster'x"].map(needsCluster),
    ).toEqual([false, false, false, false, false]);
  });

  test("run without those that need one, continuation lines included", () => {
    expect(runnable("a\nb \\\n  c  # cluster\nd\n")).toBe("a\nd");
  });
});

describe("the calls of a program", () => {
  test.each<[string, string[][]]>([
    ["npx atticctl tokens list", [["tokens", "list"]]],
    [
      "npx atticctl tokens get x | npx atticctl tokens inspect -",
      [
        ["tokens", "get", "x"],
        ["tokens", "inspect", "-"],
      ],
    ],
    [
      `atticctl tokens revoke x --reason "printed by a job" # why`,
      [["tokens", "revoke", "x", "--reason", "printed by a job"]],
    ],
    ["atticctl tokens mint --push '*' && echo done", [["tokens", "mint", "--push", "*"]]],
    ["atticctl tokens list --stack <stack>", [["tokens", "list", "--stack", "<stack>"]]],
    ["atticctl tokens mint --sub a > token", [["tokens", "mint", "--sub", "a"]]],
    [`x="$(npx atticctl tokens get a -s b)"`, [["tokens", "get", "a", "-s", "b"]]],
    ["atticctl tokens \\\n  list", [["tokens", "list"]]],
    ["my-atticctl tokens; ./atticctl list; atticctl.md", []],
  ])("in %s", (text, expected) => {
    expect(calls(text, "atticctl")).toEqual(expected);
  });
});

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { calls, isShell, marks } from "../../support/docs/commands.ts";
import { anchors, codeSpans, links, PROJECT, pages, split } from "../../support/docs/pages.ts";

const all = pages();
const texts = new Map(all.map(({ path, text }) => [path, text]));

/** Links to the project's own files. */
const ownLinks = ({ path, text }: { path: string; text: string }) =>
  links(text)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", anchor] = target.split("#");
      return { target, file: file ? join(dirname(path), decodeURI(file)) : path, anchor };
    });

describe("every page", () => {
  test.each(all)("$path links to files that there are", (page) => {
    const broken = ownLinks(page).filter(({ file }) => !existsSync(join(PROJECT, file)));
    expect(broken.map(({ target }) => target)).toEqual([]);
  });

  test.each(all)("$path links to headings that there are", (page) => {
    const broken = ownLinks(page).filter(({ file, anchor }) => {
      const text = texts.get(file);
      return anchor !== undefined && text !== undefined && !anchors(text).includes(anchor);
    });
    expect(broken.map(({ target }) => target)).toEqual([]);
  });

  test.each(all)("$path says of every block what it is, and of commands where they run", ({ text }) => {
    const unknown = split(text).fences.filter(
      (fence) => fence.info === "" || (isShell(fence) && !marks.includes(fence.info)),
    );
    expect(unknown.map(({ line, info }) => `line ${line}: ${info || "nothing"}`)).toEqual([]);
  });

  test.each(all)("$path has no placeholder in a command that the tests run", ({ text }) => {
    // What bash would read as a redirection.
    const found = split(text).fences.flatMap(({ info, code }) =>
      info === "sh"
        ? code.split("\n").filter((line) => / <[a-z]+>/.test(line) && !line.includes("# cluster"))
        : [],
    );
    expect(found).toEqual([]);
  });

  test.each(all)("$path is in English that a browser can show: no tab, no trailing blank", ({ text }) => {
    expect(
      split(text)
        .prose.split("\n")
        .filter((line) => /\s$/.test(line)),
    ).toEqual([]);
  });
});

describe("scripts of the project", () => {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };

  test.each(all)("that $path runs are there", ({ text }) => {
    const { fences } = split(text);
    const code = [...fences.filter(isShell).map(({ code }) => code), ...codeSpans(text)];
    const run = code
      .flatMap((each) => calls(each, "npm run"))
      .map((words) => words.find((word) => !/^-/.test(word)));
    expect(run.filter((name) => name !== undefined && !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

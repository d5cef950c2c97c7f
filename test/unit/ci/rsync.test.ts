import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseCall, rsync } from "../../support/gitlab-ci/rsync.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rsync-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text = path) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const files = (path: string) =>
  readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, path).length + 1))
    .sort();

describe("the stand-in for rsync", () => {
  test("copies a folder's content, links as links, without what is excluded, and removes what else was there", () => {
    for (const path of ["from/a", "from/sub/b", "from/untracked/c", "from/sub/secret", "to/old"]) put(path);
    symlinkSync("/elsewhere", join(folder, "from/link"));
    put("exclude", "/untracked/\n");
    const exclude = [`--exclude-from=${folder}/exclude`, "--exclude", "secret"];
    rsync(parseCall(["-a", "--delete-excluded", "--delete", ...exclude, `${folder}/from/`, `${folder}/to/`]));
    expect(files("to")).toEqual(["a", "link", "sub/b"]);
    expect(readlinkSync(join(folder, "to/link"))).toBe("/elsewhere");
  });

  test("copies over what is there, and keeps the rest", () => {
    put("from/a", "new");
    put("to/a", "old");
    put("to/b");
    rsync(parseCall(["-a", `${folder}/from/.`, `${folder}/to`]));
    expect(files("to")).toEqual(["a", "b"]);
    expect(readFileSync(join(folder, "to/a"), "utf8")).toBe("new");
  });

  test("copies the files of a list, with their paths, and passes over those that are not there", () => {
    put("from/out/plan/a");
    put("from/out/b");
    put("list", "./out/plan/\n./not-there\n");
    rsync(parseCall(["-rRa", `--files-from=${folder}/list`, `${folder}/from`, `${folder}/to/.`]));
    expect(files("to")).toEqual(["out/plan/a"]);
  });

  test.each([
    [["-a", "--compress", "from/", "to"], "does not know --compress"],
    [["-a", "to"], "from somewhere to somewhere"],
  ])("refuses %j", (args, message) => {
    expect(() => parseCall(args)).toThrow(message);
  });

  test("refuses to copy a folder itself", () => {
    put("from/a");
    expect(() => rsync(parseCall(["-a", `${folder}/from`, `${folder}/to`]))).toThrow("not");
  });
});

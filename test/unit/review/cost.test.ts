import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { ConfigError } from "../../../config/errors.ts";
import { cost } from "../../../review/cost.ts";
import { UsageError } from "../../../review/usage-error.ts";
import { least, providerSettings } from "../../support/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "review-cost-"));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" });

/** Writes the stack's file with these settings on top of the least. */
function declare(settings: object): void {
  const config = Object.entries({ ...least, ...settings }).map(([key, value]) => [`attic:${key}`, value]);
  writeText(stringify({ config: { ...providerSettings, ...Object.fromEntries(config) } }));
}

const writeText = (text: string) => writeFileSync(join(folder, "Pulumi.test.yaml"), text);

function commit(tag: string): void {
  git("add", "--all");
  git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "-m", tag);
  git("tag", tag);
}

beforeAll(() => {
  git("init", "--quiet");
  commit("without-file");
  declare({ api: { replicas: 3 } });
  commit("other-version");
  writeText("config: [");
  commit("no-yaml");
  writeText("");
  commit("empty");
  declare({ api: { scaling: { minReplicas: 2, maxReplicas: 4 } } });
  commit("fewer");
  declare({ api: { scaling: { minReplicas: 2, maxReplicas: 8 } } });
});

const compared = (base?: string) => cost({ stack: "test", folder, base });

describe("the cost in a review", () => {
  test("stands beside that of the revision it is compared with", () => {
    const { before, after, incomparable } = compared("fewer");
    expect(after.total.high).toBeGreaterThan(before?.total.high ?? Number.POSITIVE_INFINITY);
    expect(incomparable).toBeUndefined();
  });

  test("stands alone when none is asked for", () => {
    expect(Object.keys(compared())).toEqual(["currency", "asOf", "after"]);
  });

  test.each([
    ["has no such file", "without-file", "There is no Pulumi.test.yaml in without-file"],
    ["has a file of another version", "other-version", "Pulumi.test.yaml in other-version does not fit"],
    ["has a file that is no YAML", "no-yaml", "Pulumi.test.yaml in no-yaml does not fit"],
    ["has an empty file", "empty", "Pulumi.test.yaml in empty does not fit"],
  ])("stands alone, and says why, when the revision %s", (_, base, words) => {
    const { before, after, incomparable } = compared(base);
    expect(before).toBeUndefined();
    expect(after.total.high).toBeGreaterThan(0);
    expect(incomparable).toContain(words);
  });

  test("is not told when Git knows no such revision", () => {
    expect(() => compared("elsewhere")).toThrow(UsageError);
    expect(() => compared("elsewhere")).toThrow("Git knows no revision elsewhere here");
  });

  test("is not told of a file that is wrong itself", () => {
    declare({ api: { replicas: 3 } });
    expect(() => compared("fewer")).toThrow(ConfigError);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfiguration } from "../../../judges/gitlab-ci/configuration.ts";

const project = join(import.meta.dirname, "../../..");
const page = readFileSync(join(project, "docs/delivery.md"), "utf8");
const configuration = loadConfiguration(project);

describe("docs/delivery.md", () => {
  test.each([...configuration.jobs.keys()].filter((name) => name !== "unknown-schedule"))(
    "tells of %s",
    (name) => {
      const told = [name, name.replace(/:.*/, ":*")].some((each) => page.includes(`\`${each}\``));
      expect(told).toBe(true);
    },
  );

  test("tells of no job that is not there", () => {
    const rows =
      page.match(/^\| (validate|test|preview|deploy|deploy, verify|report|by schedule) \|.*$/gm) ?? [];
    const named = rows.flatMap(
      (row) =>
        row
          .split("|")
          .slice(2, 3)
          .join()
          .match(/`[a-z-_]+(:[a-z*]+)?`/g) ?? [],
    );
    const jobs = [...configuration.jobs.keys()];
    const unknown = named
      .map((name) => name.slice(1, -1))
      .filter((name) => !jobs.some((job) => job === name || job.replace(/:.*/, ":*") === name));
    expect(rows.length).toBeGreaterThan(8);
    expect(unknown).toEqual([]);
  });

  test("tells of every variable that the jobs are given", () => {
    const used = [...configuration.jobs.values()].flatMap(
      ({ foreign, script, before_script, rules = [], variables }) =>
        foreign
          ? []
          : (
              JSON.stringify([script, before_script, rules, variables]).match(/\$\{?[A-Z][A-Z_0-9]+/g) ?? []
            ).map((name) => name.replace(/[${]/g, "")),
    );
    const own = [...configuration.jobs.values()].flatMap(({ variables }) => Object.keys(variables));
    const set = [...own, "AWS_WEB_IDENTITY_TOKEN_FILE"];
    const given = [...new Set(used)].filter((name) => !name.startsWith("CI_") && !set.includes(name));
    expect(given.length).toBeGreaterThan(5);
    expect(given.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test("names every value of SCHEDULE", () => {
    const [, values = ""] =
      /\/\^\((.*)\)\$\//.exec(configuration.jobs.get("unknown-schedule")?.rules?.[0]?.if ?? "") ?? [];
    expect(values.split("|")).toHaveLength(4);
    for (const value of values.split("|")) expect(page).toMatch(new RegExp(`^\\| \`${value}\` \\|`, "m"));
  });
});

/** A trust policy's only statement. */
interface Trust {
  Sid: string;
  Action: string;
  Condition: { StringEquals: Record<string, string>; StringLike: Record<string, string | string[]> };
}

describe("the trust policies in docs/delivery.md", () => {
  const policies = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text ?? ""));
  const trusts = (sid: string, subject: string) => {
    const [statement] = policies
      .flatMap(({ Statement }) => Statement as Trust[])
      .filter(({ Sid }) => Sid === sid);
    const patterns = [statement?.Condition.StringLike["gitlab.example.com:sub"] ?? []].flat();
    return patterns.some((pattern) =>
      new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`).test(subject),
    );
  };
  const subject = (type: string, ref: string, path = "platform/attic") =>
    `project_path:${path}:ref_type:${type}:ref:${ref}`;

  test.each([
    ["AtticStagingPlan", subject("branch", "faster-gc"), true],
    ["AtticStagingPlan", subject("branch", "main"), true],
    ["AtticStagingPlan", subject("branch", "main", "someone/attic"), false],
    ["AtticStagingPlan", subject("tag", "v1.2.3"), false],
    ["AtticProductionPlanAndApply", subject("branch", "main"), true],
    ["AtticProductionPlanAndApply", subject("tag", "v1.2.3"), true],
    ["AtticProductionPlanAndApply", subject("branch", "faster-gc"), false],
    ["AtticProductionPlanAndApply", subject("branch", "v1.2.3"), false],
    ["AtticProductionPlanAndApply", subject("branch", "main2"), false],
    ["AtticProductionPlanAndApply", subject("tag", "v1.2.3", "platform/attic-fork"), false],
  ])("%s: %s is %s", (sid, whom, trusted) => {
    expect(trusts(sid, whom)).toBe(trusted);
  });

  test("want the audience that jobs ask their tokens for", () => {
    const audiences = [...configuration.jobs.values()].flatMap(
      ({ id_tokens }) => id_tokens?.AWS_ID_TOKEN?.aud ?? [],
    );
    expect(new Set(audiences)).toEqual(new Set(["sts.amazonaws.com"]));
    for (const { Statement } of policies) {
      const [{ Action, Condition }] = Statement as [Trust];
      expect(Action).toBe("sts:AssumeRoleWithWebIdentity");
      expect(Condition.StringEquals).toEqual({ "gitlab.example.com:aud": "sts.amazonaws.com" });
    }
  });
});

import { describe, expect, test } from "vitest";
import type { Configuration, Job } from "../../../../judges/gitlab-ci/configuration.ts";
import { occasions, rows } from "../../../../pictures/pipeline/jobs.ts";

const job = (stage: string, rules?: Job["rules"]): Job => ({
  stage,
  ancestors: [],
  script: [],
  before_script: [],
  variables: {},
  foreign: false,
  ...(rules && { rules }),
});

const onMain = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH";
const drift = '$SCHEDULE == "drift"';
const configuration: Configuration = {
  stages: ["check", "deploy"],
  workflow: { rules: [{}] as never },
  variables: {},
  jobs: new Map([
    ["deploy:staging", job("deploy", [{ if: onMain }])],
    ["deploy:production", job("deploy", [{ if: onMain, when: "manual" }])],
    ["drift:staging", job("check", [{ if: drift }])],
    ["drift:production", job("check", [{ if: drift }])],
    ["lint", job("check")],
    ["never", job("check", [{ when: "never" }])],
  ]),
};
const all = rows(configuration);
const row = (name: string) => all.find((each) => each.name === name);

describe("the rows", () => {
  test("are by stage, in the stages' order", () => {
    expect(all.map(({ stage }) => stage)).toEqual(["check", "check", "deploy", "deploy"]);
  });

  test("tell what runs by itself from what a person starts", () => {
    expect(row("deploy:staging")?.marks.main).toEqual({ when: "on_success", words: "by itself" });
    expect(row("deploy:production")?.marks.main).toEqual({ when: "manual", words: "by hand" });
  });

  test("have a job that differs in its environment alone once", () => {
    expect(row("drift: staging, production")?.marks).toEqual({
      schedule: { when: "on_success", words: "drift" },
    });
  });

  test("have a job on every occasion where no rule keeps it away", () => {
    expect(Object.keys(row("lint")?.marks ?? {})).toEqual(occasions.map(({ name }) => name));
  });

  test("leave out what never runs", () => {
    expect(row("never")).toBeUndefined();
  });
});

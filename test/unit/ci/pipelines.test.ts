import { describe, expect, test } from "vitest";
import { loadConfiguration } from "../../../judges/gitlab-ci/configuration.ts";
import { holds } from "../../../judges/gitlab-ci/expression.ts";
import { pipelineOf } from "../../../judges/gitlab-ci/pipeline.ts";
import { type Scenario, scenarios } from "../../../judges/gitlab-ci/scenarios.ts";

const configuration = loadConfiguration(`${import.meta.dirname}/../../..`);
const jobsOf = (scenario: Scenario) => pipelineOf(configuration, scenarios[scenario]);

const validation = ["type-check", "lint", "unit-tests", "config"];
const checks = [...validation, "embedded-tests"];
const scanners = ["semgrep-sast", "secret_detection"];
const staging = ["preview:staging", "deploy:staging", "caches:staging", "verify:staging", "report:staging"];
const production = ["preview:production", "caches:production", "verify:production", "report:production"];

describe("the jobs of a pipeline", () => {
  const onMain = {
    automatic: [...checks, ...scanners, ...staging, ...production],
    manual: ["deploy:production", "rollback:staging", "rollback:production", "stop:staging"],
  };

  test.each<[Scenario, { automatic: string[]; manual?: string[] }]>([
    ["branch", { automatic: [...checks, ...scanners, "preview:staging"] }],
    ["branchByHand", { automatic: [...checks, "preview:staging"] }],
    ["mergeRequest", { automatic: [...checks, ...scanners, "preview:staging"] }],
    [
      "mergeRequestWithProduction",
      { automatic: [...checks, ...scanners, "preview:staging", "preview:production"] },
    ],
    ["mergeRequestOfFork", { automatic: [...checks, ...scanners] }],
    ["main", onMain],
    ["mainByHand", onMain],
    [
      "release",
      {
        automatic: [...checks, "release-tag", ...production, "deploy:production"],
        manual: ["rollback:production"],
      },
    ],
    ["rotateTokens", { automatic: ["rotate-tokens:staging", "rotate-tokens:production"] }],
    ["drift", { automatic: ["drift:staging", "drift:production"] }],
    ["restoreDrill", { automatic: ["restore-drill:staging", "restore-drill:production"] }],
    ["rootReminder", { automatic: ["root-reminder:staging", "root-reminder:production"] }],
    ["unknownSchedule", { automatic: ["unknown-schedule"] }],
    ["namelessSchedule", { automatic: ["unknown-schedule"] }],
  ])("of kind %s", (scenario, { automatic, manual = [] }) => {
    const jobs = [...(jobsOf(scenario) ?? [])];
    const names = (when: string) => jobs.filter((job) => job[1] === when).map(([name]) => name);
    expect(names("on_success").sort()).toEqual([...automatic].sort());
    expect(names("manual").sort()).toEqual([...manual].sort());
    expect(jobs).toHaveLength(automatic.length + manual.length);
  });

  test("are all in some pipeline", () => {
    const used = Object.keys(scenarios).flatMap((name) => [...(jobsOf(name as Scenario)?.keys() ?? [])]);
    expect([...configuration.jobs.keys()].filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe("no pipeline", () => {
  test("runs for a branch beside that of its merge request", () => {
    expect(jobsOf("branchWithMergeRequest")).toBeUndefined();
    expect(jobsOf("mergeRequest")).toBeDefined();
  });

  test.each<Scenario>(["candidate", "otherTag"])("runs for a tag that is no release: %s", (scenario) => {
    expect(jobsOf(scenario)).toBeUndefined();
  });
});

describe("what a job waits for", () => {
  test.each(Object.keys(scenarios) as Scenario[])("is in the pipeline too: %s", (scenario) => {
    const pipeline = jobsOf(scenario);
    const missing = [...(pipeline?.keys() ?? [])].flatMap((name) =>
      (configuration.jobs.get(name)?.needs ?? [])
        .filter(({ job, optional }) => !optional && !pipeline?.has(job))
        .map(({ job }) => `${name} needs ${job}`),
    );
    expect(missing).toEqual([]);
  });

  test("is of the same stage or an earlier one, else GitLab refuses the configuration", () => {
    const stage = (name: string) => configuration.stages.indexOf(configuration.jobs.get(name)?.stage ?? "");
    const late = [...configuration.jobs].flatMap(([name, { needs = [] }]) =>
      needs.filter(({ job }) => stage(job) > stage(name)).map(({ job }) => `${name} needs ${job}`),
    );
    expect(late).toEqual([]);
  });

  /** Everything that has to pass before a job. */
  const before = (name: string): string[] =>
    (configuration.jobs.get(name)?.needs ?? []).flatMap(({ job }) => [job, ...before(job)]);

  test.each(["staging", "production"])("is every check before %s is deployed to", (environment) => {
    expect(before(`deploy:${environment}`)).toEqual(
      expect.arrayContaining([...checks, `preview:${environment}`]),
    );
  });

  test("is staging's verification, and the check of a release's tag, before production", () => {
    expect(before("deploy:production")).toEqual(expect.arrayContaining(["verify:staging", "release-tag"]));
  });

  test.each(validation)("is nothing before %s, so that mistakes are told at once", (name) => {
    expect(configuration.jobs.get(name)).toMatchObject({ stage: "validate", needs: [] });
  });
});

describe("the reading of rules", () => {
  const variables = { A: "one", EMPTY: "", B: "v1.2.3" };

  test.each([
    ["$A", true],
    ["$EMPTY", false],
    ["$NOT_THERE", false],
    ['$A == "one"', true],
    ['$A != "one"', false],
    ["$NOT_THERE == null", true],
    ["$EMPTY == null", false],
    ["$A == $NOT_THERE", false],
    ["$NOT_THERE == $NEITHER", true],
    ["$B =~ /^v\\d+\\.\\d+\\.\\d+$/", true],
    ["$B !~ /^v\\d+\\.\\d+\\.\\d+$/", false],
    ["$NOT_THERE =~ /./", false],
    ["$NOT_THERE !~ /./", true],
    ['$A && $EMPTY || $B == "v1.2.3"', true],
    ['$A && ($EMPTY || $B == "v1")', false],
  ])("%s is %s", (expression, expected) => {
    expect(holds(expression, variables)).toBe(expected);
  });

  test.each(["$A =~ one", "$A ==", "($A", "$A $B", "one == two"])("refuses %s", (expression) => {
    expect(() => holds(expression, variables)).toThrow(expression);
  });
});

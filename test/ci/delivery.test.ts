import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubectl, kubectlOutput } from "../support/control-plane.ts";
import type { PipelineRun } from "../support/gitlab-ci/run.ts";
import { credentials } from "../support/gitlab-server.ts";
import {
  after,
  type Delivery,
  delivery,
  type Environment,
  idToken,
  namespaceOf,
  passphrase,
} from "./world.ts";

// One project's life, in this order: each pipeline finds what those before it left behind.

const image = "ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810";
const newer = "ghcr.io/zhaofengli/attic:0123456789abcdef0123456789abcdef01234567";

let project: Delivery;
beforeAll(async () => {
  project = await delivery();
});
afterAll(() => project?.stop());

/** That exactly these jobs ran. */
function expectJobs(
  run: PipelineRun,
  { passed = [], failed = [] }: { passed?: string[]; failed?: string[] },
) {
  expect({ passed: run.passed, failed: run.failed }, run.output).toEqual({
    passed: passed.sort(),
    failed: failed.sort(),
  });
}

const namespaceThere = async (environment: Environment) =>
  (await kubectl(["get", "namespace", namespaceOf(environment)])).code === 0;

const imageOf = (environment: Environment, deployment: string) =>
  project.get(
    environment,
    "deployment",
    deployment,
    "-o",
    "jsonpath={.spec.template.spec.containers[0].image}",
  );

/** Has the API's pods ask for more than any node has, as somebody with kubectl would. */
const askForTooMuch = (environment: Environment) =>
  kubectlOutput([
    "-n",
    namespaceOf(environment),
    "patch",
    "deployment",
    "attic",
    "--type=json",
    "-p",
    JSON.stringify(
      ["requests", "limits"].map((kind) => ({
        op: "replace",
        path: `/spec/template/spec/containers/0/resources/${kind}/cpu`,
        value: "500",
      })),
    ),
  ]);

describe("a branch", () => {
  test("has staging previewed, and makes nothing", async () => {
    const run = await project.pipeline("branch");
    expectJobs(run, { passed: ["preview:staging"] });
    expect(run.artifact("preview:staging", "out/plan-staging/review.md")).toContain("staging");
    expect(run.artifact("preview:staging", "out/plan-staging/plan.json")).toBeDefined();
    expect(await namespaceThere("staging")).toBe(false);
    expect(project.gitlab.seen).toEqual([]);
  });
});

describe("a merge request", () => {
  const notes = () => project.gitlab.projects.get("42")?.mergeRequests[0]?.notes ?? [];

  test("has one note with the review", async () => {
    const base = await project.checkout.git("rev-parse", "HEAD");
    const run = await project.pipeline("mergeRequest", {
      variables: { CI_MERGE_REQUEST_DIFF_BASE_SHA: base },
    });
    expectJobs(run, { passed: ["preview:staging"] });
    expect(notes().map(({ id }) => id)).toEqual([1]);
    expect(notes()[0]?.body).toContain("staging");
  });

  test("that policies refuse fails, and its one note says why", async () => {
    const [main, before] = [await project.checkout.git("rev-parse", "HEAD"), notes()[0]?.body];
    await project.change("staging", { api: { scaling: { minReplicas: 2, maxReplicas: 9 } } }, "faster-gc");
    const run = await project.pipeline("mergeRequest", {
      variables: { CI_MERGE_REQUEST_DIFF_BASE_SHA: main },
    });
    await project.checkout.git("reset", "--quiet", "--hard", main);
    expectJobs(run, { failed: ["preview:staging"] });
    expect(notes().map(({ id }) => id)).toEqual([1]);
    expect(notes()[0]?.body).not.toBe(before);
    expect(notes()[0]?.body).toContain("autoscaler-bounds");
    expect(await namespaceThere("staging")).toBe(false);
  });
});

describe("main", () => {
  let run: PipelineRun;

  test("brings staging up as it was previewed, verifies and reports it; production waits", async () => {
    run = await project.pipeline("main", { also: ["config"] });
    expectJobs(run, {
      passed: [
        "config",
        "preview:staging",
        "preview:production",
        "deploy:staging",
        "caches:staging",
        "verify:staging",
        "report:staging",
      ],
    });
    expect(await imageOf("staging", "attic")).toBe(image);
    expect(await namespaceThere("production")).toBe(false);
  });

  test("leaves behind what was deployed, verified, and runs", () => {
    const read = (job: string, file: string) => JSON.parse(run.artifact(job, file) ?? "{}");
    expect(read("deploy:staging", "out/plan-staging/deploy.json")).toMatchObject({ stack: "staging" });
    expect(read("verify:staging", "out/verify-staging.json")).toMatchObject({ stack: "staging", ok: true });
    expect(read("report:staging", "out/resources-staging.json")).toMatchObject({ stack: "staging" });
    expect(run.artifact("report:staging", "out/resources-staging.md")).toContain("attic");
  });

  test("makes the declared caches in the server, and nothing else there", () => {
    expect([...project.servers.staging.caches.keys()].sort()).toEqual(["dev", "main"]);
    expect([...project.servers.production.caches.keys()]).toEqual([]);
  });

  test("brings production up once somebody starts it, from the plan of the same pipeline", async () => {
    const jobs = ["deploy:production", "caches:production", "verify:production"];
    const later = await project.pipeline("main", { manual: ["deploy:production"], only: jobs });
    expectJobs(later, { passed: jobs });
    expect(await imageOf("production", "attic")).toBe(image);
  });

  test("does not apply a plan a second time", async () => {
    const again = await project.pipeline("main", { only: ["deploy:staging", "verify:staging"] });
    expectJobs(again, { failed: ["deploy:staging"] });
    expect(again.log("deploy:staging")).toMatch(/plan/);
  });
});

describe("a freeze", () => {
  const freeze = {
    DEPLOYMENT_FREEZE: "true",
    FREEZE_REASON: "the database is being moved",
    FREEZE_CONTACT: "#platform",
  };

  test("fails a deployment before it did anything, and says who to ask", async () => {
    const before = await project.history("staging");
    const run = await project.pipeline("main", {
      only: ["deploy:staging", "verify:staging"],
      variables: freeze,
    });
    expectJobs(run, { failed: ["deploy:staging"] });
    expect(run.log("deploy:staging")).toContain("DEPLOYMENTS ARE FROZEN. Nothing was changed.");
    expect(run.output).toContain("the database is being moved");
    expect(run.output).toContain("#platform");
    expect(run.log("deploy:staging")).not.toMatch(/AWS_ROLE_ARN|atticctl deploy --stack/);
    expect(await project.history("staging")).toEqual(before);
  });

  test("lets no ordinary deployment past, whatever the reason", async () => {
    const run = await project.pipeline("main", {
      only: ["deploy:staging"],
      variables: { ...freeze, FREEZE_OVERRIDE: "I want to" },
    });
    expectJobs(run, { failed: ["deploy:staging"] });
    expect(run.output).toContain("--override-freeze lets no ordinary deployment pass");
  });

  test("is GitLab's own, too, and fails a schedule that changes something", async () => {
    const run = await project.pipeline("rotateTokens", {
      only: ["rotate-tokens:staging"],
      variables: { CI_DEPLOY_FREEZE: "true" },
    });
    expectJobs(run, { failed: ["rotate-tokens:staging"] });
    expect(run.output).toContain("DEPLOYMENTS ARE FROZEN. Nothing was changed.");
  });
});

describe("a release", () => {
  test("brings its tag's commit to production by itself", async () => {
    await project.change("production", { image: newer });
    const run = await project.pipeline("release");
    expectJobs(run, {
      passed: [
        "release-tag",
        "preview:production",
        "deploy:production",
        "caches:production",
        "verify:production",
        "report:production",
      ],
    });
    expect(await imageOf("production", "attic")).toBe(newer);
    expect(await imageOf("staging", "attic")).toBe(image);
  });

  test.each([
    ["is not protected", { CI_COMMIT_REF_PROTECTED: "false" }, "is not protected"],
    ["is not on main", { CI_COMMIT_SHA: "" }, "is not on main"],
  ])("whose tag %s deploys nothing", async (_, variables, said) => {
    await project.checkout.git("checkout", "--quiet", "--detach");
    const elsewhere = await project.checkout.commit({});
    const given = "CI_COMMIT_SHA" in variables ? { CI_COMMIT_SHA: elsewhere } : variables;
    const run = await project.pipeline("release", {
      only: ["release-tag", "deploy:production"],
      variables: given,
    });
    await project.checkout.git("checkout", "--quiet", "main");
    expectJobs(run, { failed: ["release-tag"] });
    expect(run.output).toContain(said);
  });
});

describe("a rollback", () => {
  const frozen = { DEPLOYMENT_FREEZE: "true", FREEZE_REASON: "an incident" };
  const start = { manual: ["rollback:production"], only: ["rollback:production"] };

  test("is frozen, too, unless somebody says why not", async () => {
    const run = await project.pipeline("main", { ...start, variables: { ...frozen, ROLLBACK_IMAGE: image } });
    expectJobs(run, { failed: ["rollback:production"] });
    expect(await imageOf("production", "attic")).toBe(newer);
  });

  test("brings the image back past a freeze, records why, and opens a merge request", async () => {
    const run = await project.pipeline("main", {
      ...start,
      variables: { ...frozen, ROLLBACK_IMAGE: image, FREEZE_OVERRIDE: "pulls fail since the release" },
    });
    expectJobs(run, { passed: ["rollback:production"] });
    expect(await imageOf("production", "attic")).toBe(image);
    expect(await imageOf("production", "attic-gc")).toBe(image);
    expect((await project.history("production")).at(-1)).toContain("pulls fail since the release");
    const request = project.gitlab.projects.get("42")?.mergeRequests.at(-1);
    expect(request).toMatchObject({ state: "opened", target_branch: "main" });
    expect(request?.title).toContain("production");
  });

  test("leaves nothing to change once that is merged", async () => {
    const stored = project.gitlab.projects.get("42");
    const branch = stored?.branches[stored.mergeRequests.at(-1)?.source_branch ?? ""];
    await project.checkout.commit({
      "Pulumi.production.yaml": branch?.files["Pulumi.production.yaml"] ?? "",
    });
    const run = await project.pipeline("main", { only: ["preview:production"] });
    expectJobs(run, { passed: ["preview:production"] });
    const preview = JSON.parse(
      run.artifact("preview:production", "out/plan-production/preview.json") ?? "{}",
    );
    expect(Object.keys(preview.changes)).toEqual(["same"]);
  });
});

describe("what somebody changes in the cluster", () => {
  test("is found as drift, and fails the verification", async () => {
    await askForTooMuch("staging");
    const drift = await project.pipeline("drift", { only: ["drift:staging"] });
    expectJobs(drift, { failed: ["drift:staging"] });
    expect(drift.log("drift:staging")).toMatch(/^cluster +Deployment attic +.*cpu/m);

    const run = await project.pipeline("main", { only: ["verify:staging", "report:staging"] });
    expectJobs(run, { failed: ["verify:staging"] });
    const report = JSON.parse(run.artifact("verify:staging", "out/verify-staging.json") ?? "{}");
    const failed = report.checks.filter(({ outcome }: { outcome: string }) => outcome === "failed");
    expect(failed.map(({ id }: { id: string }) => id)).toContain("api-rollout");
  });
});

describe("the schedule of rotations", () => {
  const rotate = (at: string) =>
    project.pipeline("rotateTokens", { only: ["rotate-tokens:staging"], variables: { ATTICCTL_NOW: at } });
  const secret = () => project.get("staging", "secret", "attic-ci-tokens", "-o", "jsonpath={.data}");
  const variables = () =>
    (project.gitlab.owners.get("groups/platform") ?? []).map(({ key, masked }) => ({ key, masked }));
  const value = () => project.gitlab.owners.get("groups/platform")?.[0]?.value;

  test("publishes what is not published, and makes nothing anew before it is due", async () => {
    const before = await secret();
    expectJobs(await rotate(after(1)), { passed: ["rotate-tokens:staging"] });
    expect(await secret()).toBe(before);
    expect(variables()).toEqual([{ key: "ATTIC_STAGING_TOKEN", masked: true }]);
  });

  test("makes due tokens anew, in the cluster and in GitLab", async () => {
    const [inCluster, inGitLab] = [await secret(), value()];
    expectJobs(await rotate(after(77)), { passed: ["rotate-tokens:staging"] });
    expect(await secret()).not.toBe(inCluster);
    expect(variables()).toEqual([{ key: "ATTIC_STAGING_TOKEN", masked: true }]);
    expect(value()).not.toBe(inGitLab);
    expect(await imageOf("staging", "attic")).toBe(image);
  });

  test("fails while a token ends before its next run: the root token, which nobody made anew", async () => {
    const run = await rotate(after(179.5));
    expectJobs(run, { failed: ["rotate-tokens:staging"] });
    expect(run.log("rotate-tokens:staging")).toContain("admin");
  });

  test("of reminders fails once the root token is due", async () => {
    const remind = (at: string) =>
      project.pipeline("rootReminder", { only: ["root-reminder:staging"], variables: { ATTICCTL_NOW: at } });
    expectJobs(await remind(after(2)), { passed: ["root-reminder:staging"] });
    expectJobs(await remind(after(140)), { failed: ["root-reminder:staging"] });
  });
});

describe("a schedule of no known name", () => {
  test("fails, and says which there are", async () => {
    const run = await project.pipeline("unknownSchedule");
    expectJobs(run, { failed: ["unknown-schedule"] });
    expect(run.output).toContain('SCHEDULE is "rotate-token"');
  });
});

describe("nothing that was printed or kept", () => {
  test("holds a secret in the clear", () => {
    const kept = project.kept();
    expect(kept.length).toBeGreaterThan(40);
    const { staging, production } = project.secrets;
    expect(Math.min(staging.size, production.size)).toBeGreaterThan(6);
    const secrets = [...staging, ...production];
    for (const secret of [...secrets, idToken, passphrase, credentials.maintainer, "PRIVATE KEY-----"]) {
      expect(kept.some((text) => text.includes(secret))).toBe(false);
    }
  });
});

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError } from "../../../../embedded/engine/errors.ts";
import { fakeCluster } from "../cluster.ts";
import { type How, type TestProject, testProject } from "../world.ts";
import { event, fakeEngine, scaling } from "./engine.ts";

let project: TestProject;
beforeEach(() => {
  project = testProject();
});
afterEach(() => project.remove());

const cluster = () => fakeCluster();
const changing = () => fakeEngine(() => [event(scaling)]);
const idle = () => fakeEngine(() => [event({ ...scaling, op: "same", differs: [] })]);
const plan = () => join(project.folder, "out/plan-test");
const deploy = (args: string[], how: How) =>
  project.run(["deploy", "--no-verify", ...args], { cluster: cluster(), ...how });

/** Makes the project's folder a repository with one commit. */
function repository(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: project.folder, encoding: "utf8" }).trim();
  git("init", "--quiet");
  git("add", ".");
  git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "--quiet", "-m", "all");
  return git("rev-parse", "HEAD");
}

describe("deploy", () => {
  test("is stopped by a freeze before anything else, also with an override", async () => {
    const engine = changing();
    const env = { DEPLOYMENT_FREEZE: "true", FREEZE_REASON: "moving house" };
    for (const more of [[], ["--override-freeze", "I want to"]]) {
      const { code, stderr } = await deploy(["--yes", ...more], { ...engine, env });
      expect([code, stderr]).toEqual([4, expect.stringContaining("moving house")]);
    }
    expect(engine.asked).toEqual([]);
  });

  test("asks the engine for nothing while the cluster does not answer", async () => {
    const engine = changing();
    const { code, stderr } = await deploy(["--yes"], { ...engine, cluster: undefined });
    expect([code, stderr]).toEqual([1, expect.stringContaining("there is no kubeconfig")]);
    expect(engine.asked).toEqual([]);
  });

  test("updates to the plan of its own preview, and says in the history what it is", async () => {
    const engine = changing();
    const env = { CI_PIPELINE_URL: "https://gitlab.example.com/7", GITLAB_USER_LOGIN: "ann" };
    const { code } = await deploy(["--yes", "--message", "more pods"], { ...engine, env });
    expect(code).toBe(0);
    expect(engine.asked.map(({ action }) => action)).toEqual(["preview", "up"]);
    expect(engine.asked[1]?.plan).toBe(engine.asked[0]?.plan);
    expect(engine.asked[1]?.message).toBe(
      "deploy from no commit; more pods; pipeline https://gitlab.example.com/7 by ann",
    );
  });

  test("writes down what it did", async () => {
    await deploy(["--yes"], changing());
    expect(JSON.parse(readFileSync(join(plan(), "deploy.json"), "utf8"))).toMatchObject({
      command: "deploy",
      stack: "test",
      commit: null,
      changes: { update: 1 },
      override: null,
      verified: null,
    });
  });

  test("needs --yes where nobody can be asked, and changes nothing", async () => {
    const engine = changing();
    const { code, stderr } = await deploy([], engine);
    expect([code, stderr]).toEqual([2, expect.stringContaining("nobody is there to confirm to deploy test")]);
    expect(engine.asked.map(({ action }) => action)).toEqual(["preview"]);
  });

  test.each([
    ["test", 0],
    ["yes", 4],
    ["", 4],
  ])("of a protected stack has its name typed: %j ends with %i", async (typed, code) => {
    const engine = changing();
    expect((await deploy([], { ...engine, typed: `${typed}\n` })).code).toBe(code);
    expect(engine.asked.length).toBe(code === 0 ? 2 : 1);
  });

  test("of an unprotected stack is confirmed by yes", async () => {
    project.declare({}, { deletionProtection: false });
    expect((await deploy([], { ...changing(), typed: "yes\n" })).code).toBe(0);
  });

  test("asks nobody when nothing changes", async () => {
    const engine = idle();
    const { code, stderr } = await deploy([], engine);
    expect([code, stderr]).toEqual([0, expect.stringContaining("nothing changes; all 1 objects stay")]);
  });

  test("shows first what is deleted or replaced, and what is lost by it", async () => {
    const replaced = { op: "replace", kind: "Deployment", before: { spec: {} }, after: { spec: {} } };
    const { stderr } = await deploy(
      [],
      fakeEngine(() => [event(scaling), event(replaced)]),
    );
    const lines = stderr.split("\n");
    const [danger, change] = [
      /replaced +Deployment attic +loses the running pods/,
      /changed +HorizontalPod/,
    ].map((at) => lines.findIndex((line) => at.test(line)));
    expect(danger).toBeGreaterThan(-1);
    expect(change).toBeGreaterThan(danger as number);
  });

  test("is refused by a rule over plans", async () => {
    const lost = { op: "delete", kind: "PrivateKey", name: "signing-key", before: { algorithm: "RSA" } };
    const engine = fakeEngine(() => [event(lost)]);
    const { code, stderr } = await deploy(["--yes"], engine);
    expect([code, stderr]).toEqual([4, expect.stringContaining("attic/no-loss: PrivateKey signing-key")]);
    expect(engine.asked.length).toBe(1);
  });

  test("of a protected stack is refused from files that differ from the commit, unless told", async () => {
    repository();
    writeFileSync(project.file, `${project.text()}\n# a note\n`);
    const engine = changing();
    const { code, stderr } = await deploy(["--yes"], engine);
    expect([code, stderr]).toEqual([
      4,
      expect.stringContaining("1 files differ from the commit: Pulumi.test.yaml"),
    ]);
    expect(engine.asked).toEqual([]);
    expect((await deploy(["--yes", "--allow-dirty"], engine)).code).toBe(0);
    expect(engine.asked.at(-1)?.message).toMatch(/^deploy from [0-9a-f]{12}, 1 files changed since$/);
  });

  test.each([
    ["locked", 1],
    ["interrupted", 130],
    ["missing", 3],
    ["config", 2],
  ] as const)("ends a failure of the kind %s with %i", async (kind, code) => {
    const engine = fakeEngine(
      () => [event(scaling)],
      ({ action }) => (action === "up" ? new EngineError(kind, "so it is", { hint: "do that" }) : undefined),
    );
    const ran = await deploy(["--yes"], engine);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(/error: so it is\ndo that/)]);
    expect(existsSync(join(plan(), "deploy.json"))).toBe(false);
  });

  test("that leaves its plan half-way says so, without the values", async () => {
    const engine = fakeEngine(
      () => [event(scaling)],
      ({ action }) =>
        action === "up"
          ? new EngineError("resources", "resources failed:\n  Secret x violates plan")
          : undefined,
    );
    const { code, stderr } = await deploy(["--yes"], engine);
    expect([code, stderr]).toEqual([4, expect.stringContaining("what it did before is kept; preview again")]);
  });
});

describe("deploy --plan", () => {
  const preview = (how: How = changing()) => project.run(["preview"], how);
  const planned = (more: string[] = [], how: How = changing()) =>
    deploy(["--plan", plan(), "--yes", ...more], how);
  const stored = () => JSON.parse(readFileSync(join(plan(), "preview.json"), "utf8"));

  test("does what the preview showed, at the preview's time", async () => {
    await preview({ ...changing(), day: 1 });
    const engine = changing();
    expect((await planned([], { ...engine, day: 2 })).code).toBe(0);
    expect(engine.asked[1]?.plan).toBe(join(plan(), "plan.json"));
    expect(engine.asked.map(({ now }) => now.toISOString())).toEqual([stored().now, stored().now]);
  });

  test("is refused when an update would do something else now, before it begins", async () => {
    await preview();
    const engine = fakeEngine(() => [
      event({ ...scaling, after: { spec: { minReplicas: 4, maxReplicas: 5 } } }),
    ]);
    const { code, stderr } = await planned([], engine);
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/no longer fits: .*something else now[\s\S]*preview again/),
    ]);
    expect(engine.asked.map(({ action }) => action)).toEqual(["preview"]);
  });

  test("is refused from another stack file, but not for another comment in it", async () => {
    await preview();
    writeFileSync(project.file, `# a note\n${project.text()}`);
    expect((await planned()).code).toBe(0);
    project.declare({}, {});
    const { code, stderr } = await planned();
    expect([code, stderr]).toEqual([4, expect.stringContaining("Pulumi.test.yaml says something else now")]);
  });

  test("is refused from another commit", async () => {
    const commit = repository();
    await preview();
    expect(stored()).toMatchObject({ commit, changed: [] });
    execFileSync(
      "git",
      ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
      {
        cwd: project.folder,
      },
    );
    const { code, stderr } = await planned();
    expect([code, stderr]).toEqual([4, expect.stringContaining(`made from commit ${commit.slice(0, 12)}`)]);
  });

  test("is refused after a week, and before its time", async () => {
    await preview({ ...changing(), day: 10 });
    expect(await planned([], { ...changing(), day: 18 })).toMatchObject({ code: 4 });
    expect((await planned([], { ...changing(), day: 9 })).stderr).toContain("which is to come");
    expect(await planned([], { ...changing(), day: 16 })).toMatchObject({ code: 0 });
  });

  test("is refused when policies refused it", async () => {
    const lost = { op: "delete", kind: "PrivateKey", name: "signing-key", before: { algorithm: "RSA" } };
    expect((await preview(fakeEngine(() => [event(lost)]))).code).toBe(4);
    expect(existsSync(join(plan(), "plan.json"))).toBe(false);
    expect((await planned()).stderr).toContain("it was refused: attic/no-loss");
  });

  test("says where there is no plan", async () => {
    const { code, stderr } = await planned();
    expect([code, stderr]).toEqual([3, expect.stringContaining(`there is no plan in ${plan()}`)]);
  });

  test("is no longer there once another preview began, however that ends", async () => {
    await preview();
    await preview(
      fakeEngine(
        () => [],
        () => new EngineError("resources", "no"),
      ),
    );
    expect((await planned()).code).toBe(3);
  });
});

describe("preview", () => {
  test("writes plan, preview and review, and asks nothing of the cluster", async () => {
    const { code, stdout } = await project.run(["preview", "--json"], changing());
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      stack: "test",
      refused: [],
      changes: { update: 1 },
    });
    expect(readFileSync(join(plan(), "review.md"), "utf8")).toContain("# What an update of test does");
  });

  test("is possible while deployments are frozen", async () => {
    expect((await project.run(["preview"], { ...changing(), env: { DEPLOYMENT_FREEZE: "true" } })).code).toBe(
      0,
    );
  });

  test("refuses a revision that Git does not know", async () => {
    const { code, stderr } = await project.run(["preview", "--base", "nowhere"], changing());
    expect([code, stderr]).toEqual([2, expect.stringContaining("Git knows no revision nowhere")]);
  });
});

describe("a deployment that fails", () => {
  const job = { op: "create-replacement", kind: "Job", name: "attic-migrate" };
  const api = { op: "update", kind: "Deployment", name: "attic" };
  const failing = (...told: Parameters<typeof event>[]) =>
    fakeEngine(
      ({ action }) => (action === "up" ? told.map((each) => event(...each)) : [event(scaling)]),
      ({ action }) =>
        action === "up" ? new EngineError("resources", "resources failed:\n  Job attic-migrate") : undefined,
    );

  test("at its migrations says that nothing that serves was changed, where to look, and the way back", async () => {
    const { code, stderr } = await deploy(["--yes"], failing([job, "failed"]));
    expect([code, stderr]).toEqual([1, expect.stringContaining("run what they ran")]);
    expect(stderr).toContain("docs/runbooks/AtticMigrationFailed.md");
    expect(stderr).toContain("atticctl rollback --stack test --image IMAGE");
  });

  test.each([
    ["elsewhere", [[api, "failed"]]],
    [
      "after the API was changed",
      [
        [api, "done"],
        [job, "failed"],
      ],
    ],
  ] as [string, Parameters<typeof event>[]][])("%s promises nothing of the kind", async (_, told) => {
    const { code, stderr } = await deploy(["--yes"], failing(...told));
    expect([code, stderr]).toEqual([1, expect.not.stringContaining("run what they ran")]);
  });
});

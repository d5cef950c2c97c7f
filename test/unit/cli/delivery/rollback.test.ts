import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError } from "../../../../embedded/engine/errors.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  storedProject,
} from "../../../support/gitlab-server.ts";
import { image } from "../../../support/settings.ts";
import { fakeCluster } from "../cluster.ts";
import { type How, type TestProject, testProject } from "../world.ts";
import { event, fakeEngine, scaling } from "./engine.ts";

const older = image.replace(/:.*/, `:${"a".repeat(40)}`);

let project: TestProject;
beforeEach(() => {
  project = testProject();
});
afterEach(() => project.remove());

const rollback = (args: string[], how: How) =>
  project.run(["rollback", "--yes", "--no-verify", ...args], { cluster: fakeCluster(), ...how });
const engine = () => fakeEngine(() => [event(scaling)]);

/** Makes a commit of all there is, and returns its name. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: project.folder, encoding: "utf8" }).trim();
  git("init", "--quiet");
  git("add", ".");
  git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "--quiet", "-m", "all");
  return git("rev-parse", "HEAD");
}

describe("rollback", () => {
  test("changes the image in the stack's file and nothing else, and updates with that", async () => {
    writeFileSync(project.file, `# why\n${project.text()}`);
    const before = project.text();
    const seen: string[] = [];
    const { asked, operate } = fakeEngine(() => {
      seen.push(project.text());
      return [event(scaling)];
    });
    const { code, stdout } = await rollback(["--image", older], { operate });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("commit Pulumi.test.yaml, or the next deployment"),
    ]);
    expect(project.text()).toBe(before.replace(image, older));
    expect(seen).toEqual([project.text(), project.text()]);
    expect(asked.at(-1)?.message).toContain(`rollback from ${image} to ${older} (--image)`);
  });

  test("reads the image from the stack's file at a commit", async () => {
    const first = commit();
    writeFileSync(project.file, project.text().replace(image, older));
    commit();
    const { code, stdout } = await rollback(["--to", first.slice(0, 10)], engine());
    expect([code, stdout]).toEqual([0, expect.stringContaining(`stack test runs ${image}`)]);
  });

  test.each([
    [["--image", image], 4, "declares"],
    [["--image", "ghcr.io/zhaofengli/attic:latest"], 2, "pinned"],
    [["--to", "0123abc"], 3, "git fetch --unshallow"],
    [["--to", "--upload-pack=x"], 3, "Git knows no commit"],
    [[], 2, "give --image or --to"],
    [["--image", older, "--to", "abc"], 2, "and not both"],
  ])("refuses %j with exit code %i, and leaves the file as it was", async (args, code, words) => {
    const before = project.text();
    const { asked, operate } = engine();
    const ran = await rollback(args, { operate });
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(words)]);
    expect([asked, project.text()]).toEqual([[], before]);
  });

  test("is stopped by a freeze, unless a reason is given, which is recorded everywhere", async () => {
    const env = { DEPLOYMENT_FREEZE: "true" };
    expect((await rollback(["--image", older], { ...engine(), env })).code).toBe(4);
    const { asked, operate } = engine();
    const ran = await rollback(["--image", older, "--override-freeze", "users see errors"], { operate, env });
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("because: users see errors")]);
    expect(asked.at(-1)?.message).toContain("because: users see errors");
    const record = readFileSync(`${project.folder}/out/plan-test/deploy.json`, "utf8");
    expect(JSON.parse(record)).toMatchObject({ command: "rollback", override: "users see errors" });
  });

  test("puts the file back when nobody confirms it", async () => {
    const before = project.text();
    const ran = await project.run(["rollback", "--image", older], {
      ...engine(),
      cluster: fakeCluster(),
      typed: "no\n",
    });
    expect([ran.code, project.text()]).toEqual([4, before]);
  });
});

describe("a rollback that fails", () => {
  const job = { op: "create-replacement", kind: "Job", name: "attic-migrate" };
  const api = { op: "update", kind: "Deployment", name: "attic" };
  const failing = (told: Parameters<typeof event>[], message = "resources failed:\n  Job attic-migrate") =>
    fakeEngine(
      ({ action }) => (action === "up" ? told.map((each) => event(...each)) : [event(scaling)]),
      ({ action }) => (action === "up" ? new EngineError("resources", message) : undefined),
    );
  const pod = (message: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "attic-migrate-x", labels: { "app.kubernetes.io/name": "attic-migrate" } },
    status: { containerStatuses: [{ state: { terminated: { message } } }] },
  });
  const missing = "Migration m2026 is missing, this migration has been applied but its file is missing";

  test("before the API was changed puts the file back", async () => {
    const before = project.text();
    const ran = await rollback(["--image", older], failing([[job, "failed"]]));
    expect([ran.code, project.text()]).toEqual([1, before]);
    expect(ran.stderr).not.toContain("older than the database");
  });

  test.each([
    ["was changed", "done"],
    ["was changed, and its rollout failed", "failed"],
    ["may be changed, as nobody saw how its step ended", "before"],
  ] as const)("after the API %s leaves the file, and says so", async (_, when) => {
    const ran = await rollback(["--image", older], failing([[api, when]]));
    expect(ran.code).toBe(1);
    expect(project.text()).toContain(older);
    expect(ran.stderr).toContain(`says ${older} now, as part of what runs may`);
    expect(ran.stderr).not.toContain("run what they ran");
  });

  test("where the API stays the same puts the file back", async () => {
    const before = project.text();
    const ran = await rollback(["--image", older], failing([[{ ...api, op: "same" }], [job, "failed"]]));
    expect([ran.code, project.text()]).toEqual([1, before]);
  });

  test.each([
    ["the engine's words", missing, []],
    ["the message of the Job's pod", "resources failed", [pod(missing)]],
  ])("because the database is newer is known by %s", async (_, message, objects) => {
    const ran = await rollback(["--image", older], {
      ...failing([[job, "failed"]], message),
      cluster: fakeCluster({ objects }),
    });
    expect([ran.code, ran.stderr]).toEqual([
      1,
      expect.stringContaining("is older than the database of stack test"),
    ]);
    expect(ran.stderr).toContain("atticctl db restore --to TIME");
  });

  test("for another reason is not blamed on the database", async () => {
    const cluster = fakeCluster({ objects: [pod("connection refused")] });
    const ran = await rollback(["--image", older], { ...failing([[job, "failed"]]), cluster });
    expect(ran.stderr).not.toContain("older than the database");
  });
});

describe("a rollback that is stopped", () => {
  const stop = () => process.emit("SIGTERM", "SIGTERM");
  /** What is done when the process ends, as by a second Ctrl-C. */
  const end = (known: readonly unknown[]) => {
    for (const listener of process.listeners("exit")) if (!known.includes(listener)) listener(130);
  };

  test("between the preview and the update does not begin that, and puts the file back", async () => {
    const before = project.text();
    const { asked, operate } = engine();
    const ran = await rollback(["--image", older], {
      operate: async (operation) => {
        const result = await operate(operation);
        stop();
        return result;
      },
    });
    expect([ran.code, ran.stderr]).toEqual([
      130,
      expect.stringContaining("interrupted; nothing was changed"),
    ]);
    expect(asked.map(({ action }) => action)).toEqual(["preview"]);
    expect(project.text()).toBe(before);
  });

  test.each([
    ["puts the file back", "Job", true],
    ["leaves the file where the API may be changed", "Deployment", false],
  ])("at once, in the middle of the update, %s, and leaves no plan", async (_, kind, back) => {
    const before = project.text();
    const known = process.listeners("exit");
    let left = "";
    const { operate } = fakeEngine(({ action }) =>
      action === "up" ? [event({ op: "update", kind, name: "attic" })] : [event(scaling)],
    );
    const ran = await rollback(["--image", older], {
      operate: async (operation) => {
        const result = await operate(operation);
        if (operation.action === "preview") return result;
        const plan = operation.plan as string;
        expect(existsSync(plan)).toBe(true);
        end(known);
        left = project.text();
        expect(existsSync(dirname(plan))).toBe(false);
        throw new EngineError("interrupted", "interrupted");
      },
    });
    expect(ran.code).toBe(130);
    expect(left === before).toBe(back);
  });

  test("hears of a wish to stop until it is through, and no longer", async () => {
    const known = ["SIGINT", "SIGTERM", "SIGHUP", "exit"].map((name) => process.listenerCount(name));
    await rollback(["--image", older], engine());
    expect(["SIGINT", "SIGTERM", "SIGHUP", "exit"].map((name) => process.listenerCount(name))).toEqual(known);
  });
});

describe("a rollback beside somebody else's edit of the stack's file", () => {
  /** What `tokens revoke` does, as far as it matters here. */
  const edit = () => writeFileSync(project.file, `${project.text()}# and a revocation\n`);

  test("loses nothing of it when it fails, and says what is to be done by hand", async () => {
    const { operate } = fakeEngine(
      ({ action }) => {
        if (action === "up") edit();
        return [event(scaling)];
      },
      ({ action }) => (action === "up" ? new EngineError("resources", "no") : undefined),
    );
    const before = project.text();
    const ran = await rollback(["--image", older], { operate });
    expect(ran.code).toBe(1);
    expect(project.text()).toBe(`${before.replace(image, older)}# and a revocation\n`);
    expect(ran.stderr).toContain(
      "Pulumi.test.yaml was changed by somebody else meanwhile and is left as it is",
    );
    expect(ran.stderr).toContain(`if its attic:image is ${older}, change that back to ${image} by hand`);
    expect(ran.stderr).not.toContain("is as it was");
  });

  test("does not begin when that came while it looked around", async () => {
    const before = project.text();
    const { asked, operate } = engine();
    const cluster = fakeCluster();
    const ran = await rollback(["--image", older], {
      operate,
      cluster: {
        ...cluster,
        version: async () => {
          edit();
          return cluster.version();
        },
      },
    });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("nothing was done")]);
    expect([asked, project.text()]).toEqual([[], `${before}# and a revocation\n`]);
  });
});

describe("a rollback to a pipeline", () => {
  let gitlab: GitLabServer;
  beforeEach(async () => {
    gitlab = await gitLabServer();
    const sha = commit();
    const pipeline = { id: 4711, sha, ref: "main", status: "success", web_url: "https://gitlab.example.com" };
    writeFileSync(project.file, project.text().replace(image, older));
    const commits = { [commit()]: { "Pulumi.test.yaml": project.text() } };
    gitlab.projects.set("platform/attic", storedProject({ pipelines: [pipeline], commits }));
  });
  afterEach(() => gitlab.close());

  const env = { GITLAB_TOKEN: credentials.maintainer };

  test("by hand names project and GitLab", async () => {
    const where = ["--project", "platform/attic", "--api", gitlab.url];
    const ran = await rollback(["--to", "4711", ...where], { ...engine(), env });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`stack test runs ${image}`)]);
  });

  test("by hand is told what is missing", async () => {
    const project = await rollback(["--to", "4711"], { ...engine(), env });
    expect([project.code, project.stderr]).toEqual([2, expect.stringContaining("name it with --project")]);
    const api = await rollback(["--to", "4711", "--project", "platform/attic"], { ...engine(), env });
    expect([api.code, api.stderr]).toEqual([2, expect.stringContaining("name its API with --api")]);
  });

  test("opens its merge request there, too", async () => {
    const where = ["--project", "platform/attic", "--api", gitlab.url];
    const stored = gitlab.projects.get("platform/attic");
    const ran = await rollback(["--to", "4711", "--merge-request", ...where], { ...engine(), env });
    expect([ran.code, stored?.mergeRequests.length]).toEqual([0, 1]);
  });
});

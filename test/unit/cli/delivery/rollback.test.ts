import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineError } from "../../../../embedded/engine/errors.ts";
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

  test("after the API was changed leaves the file, and says so", async () => {
    const api = { op: "update", kind: "Deployment", name: "attic" };
    const ran = await rollback(["--image", older], failing([[api, "done"]]));
    expect(ran.code).toBe(1);
    expect(project.text()).toContain(older);
    expect(ran.stderr).toContain(`says ${older} now, as part of what runs does`);
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

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterError, type KubeObject } from "../../../../cli/cluster/index.ts";
import { fakeCluster } from "../cluster.ts";
import { everyKind, type How, made, type TestProject, testProject } from "../world.ts";
import { settings } from "./facts.ts";
import { lacking, wellObjects, withStatus } from "./objects.ts";

let project: TestProject;
beforeEach(async () => {
  project = testProject(everyKind, settings);
  await project.update(0);
});
afterEach(() => project.remove());

const status = (args: string[] = [], how: How = {}) =>
  project.run(["status", ...args], { cluster: fakeCluster({ objects: wellObjects() }), ...how });

describe("of a well stack", () => {
  test("the screen says so first, and then every part on a line of its own", async () => {
    const { code, stdout, stderr } = await status();
    expect(stderr).toBe("");
    expect(stdout).toBe(
      [
        "stack test  all is well",
        "nix-cache in https://127.0.0.1:1, context test, Kubernetes v1.36.3",
        "https://nix-cache.example.com/  2026-11-22 08:00 UTC",
        "",
        "✓ API          2/2 ready, b7c90565, 23 h old, no restarts",
        "✓ scaling      2 in 2 to 10, cpu 34 % of 70 %, memory 40 % of 80 %",
        "✓ disruption   1 of 2 may go",
        "✓ collector    1/1 ready, b7c90565, 23 h old, no restarts",
        expect.stringMatching(/^✓ migrations {3}done 23 h ago, attic-migrate-[0-9a-f]{8}$/),
        "✓ database     3/3 ready, primary attic-pg-1",
        "✓ backup       last 12 h ago, back to 2026-11-21, archiving well",
        "✓ certificate  ready, ends in 89 d, renewed in 59 d",
        "✓ tokens       4 minted, gitlab-main rotates in 75 d",
        "✓ routes       14 of 14",
        "✓ network      7 of 7",
        "✓ rules        3 of 3",
        "– alerts       no Prometheus was found; --prometheus names one",
        "",
        "– is not judged here",
        "",
      ]
        .map((line) => (typeof line === "string" ? line : stdout.split("\n")[8]))
        .join("\n"),
    );
    expect(code).toBe(0);
  });

  test("the report is the snapshot with what it means, and holds no token", async () => {
    const { code, stdout, json } = await status(["--json"]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      version: 1,
      ok: true,
      stack: "test",
      namespace: "nix-cache",
      api: { is: "there", value: { ready: 2, desired: 2, restarts: 0 } },
      database: { value: { primary: "attic-pg-1", readyInstances: 3 } },
      tokens: { value: { minted: { length: 4 } } },
    });
    expect(json().checks[0]).toEqual({
      id: "api-rollout",
      area: "api",
      title: "the API's rollout is complete",
      outcome: "passed",
      found: "2 of 2 ready, all of them new",
      expected: "at least 2 pods, all of them new and ready, and no old one",
      see: "docs/runbooks/AtticRolloutStuck.md",
    });
    for (const secret of project.secrets()) expect(stdout).not.toContain(secret);
  });

  test("no line is longer than the terminal", async () => {
    const cluster = fakeCluster({
      objects: withStatus("Cluster", "attic-pg", { phase: "x".repeat(90), conditions: [] }),
    });
    const { stdout } = await status([], { cluster, columns: 80 });
    const lines = stdout.split("\n");
    expect(lines.filter((line) => [...line].length > 80 && line.includes(" ✓"))).toEqual([]);
    expect(lines.find((line) => line.includes("database"))).toHaveLength(80);
  });

  test("nothing is changed, and the connection is closed", async () => {
    const cluster = fakeCluster({ objects: wellObjects() });
    await status([], { cluster });
    expect(cluster.changes).toEqual([]);
    expect(cluster.closed).toBe(true);
  });
});

describe("of a stack with something wrong", () => {
  const half = () =>
    withStatus("Deployment", "attic", { updatedReplicas: 1, replicas: 3, readyReplicas: 2 }).map((object) =>
      object.metadata.name === "attic-b"
        ? {
            ...object,
            status: {
              phase: "Running",
              conditions: [{ type: "Ready", status: "False" }],
              containerStatuses: [
                {
                  restartCount: 7,
                  ready: false,
                  state: { waiting: { reason: "CrashLoopBackOff" } },
                  lastState: { terminated: { reason: "Error", exitCode: 101 } },
                },
              ],
            },
          }
        : object,
    );

  test("it is told in a word, marked on its line, and explained below", async () => {
    const { code, stdout } = await status([], { cluster: fakeCluster({ objects: half() }) });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^stack test {2}1 thing is not as it should be\n/);
    expect(stdout).toContain("✗ API          2/2 ready, 1 updated, b7c90565, 23 h old, 7 restarts\n");
    expect(stdout).toContain(
      [
        "✗ API: 1 of 2 updated, 2 old still there; attic-b is not ready: CrashLoopBackOff after Error (exit",
        "  code 101)",
        "  expected: at least 2 pods, all of them new and ready, and no old one",
        "  see docs/runbooks/AtticRolloutStuck.md (api-rollout)",
      ].join("\n"),
    );
  });

  test("what is missing is said on its line", async () => {
    const { code, stdout } = await status([], {
      cluster: fakeCluster({ objects: lacking("PodDisruptionBudget", "attic") }),
    });
    expect(code).toBe(4);
    expect(stdout).toContain("✗ disruption   there is no PodDisruptionBudget attic\n");
  });

  test("a kind that is not installed is one of the things, and the rest is told", async () => {
    const cluster = fakeCluster({ objects: wellObjects(), unknown: ["Cluster"] });
    const { code, stdout } = await status([], { cluster });
    expect(code).toBe(4);
    expect(stdout).toContain(
      "✗ database: there is no Cluster attic-pg (the cluster knows no kind Cluster of",
    );
    expect(stdout).toContain("✓ API ");
  });

  test("what this person may not see is one of the things, and the rest is told", async () => {
    const { code, stdout } = await status([], {
      cluster: fakeCluster({ objects: wellObjects(), forbidden: ["Certificate"] }),
    });
    expect(code).toBe(4);
    expect(stdout).toContain('✗ certificate  it cannot be seen: User "ann" cannot get Certificate');
  });

  test("in Markdown nothing from the cluster becomes markup", async () => {
    const objects = withStatus("Certificate", "attic", {
      conditions: [{ type: "Ready", status: "False", message: "a | b <script> [x](y)" }],
    });
    const { code, stdout } = await status(["--markdown"], { cluster: fakeCluster({ objects }) });
    expect(code).toBe(4);
    expect(stdout).toContain("### Stack test: 1 thing is not as it should be\n");
    expect(stdout).toContain("| ❌ | certificate | not ready, ends in 89 d, renewed in 59 d |\n");
    expect(stdout).toContain(
      "- **certificate** (`certificate`): not ready: a \\| b \\<script\\> \\[x\\](y). Expected:",
    );
  });
});

describe("of a database that was restored", () => {
  const formerArchive = {
    serverRecoveryWindow: { "attic-pg": { lastSuccessfulBackupTime: "2026-11-22T07:00:00Z" } },
  };
  const backup = (metadata: object, status: Record<string, unknown>): KubeObject => ({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Backup",
    metadata: { name: "attic-pg-1", ...metadata },
    spec: { cluster: { name: "attic-pg" } },
    status,
  });
  const withBackup = (object: KubeObject) => ({
    cluster: fakeCluster({
      objects: [...withStatus("ObjectStore", "attic-pg", formerArchive), object],
    }),
  });

  test.each([
    ["backups of the archive that it came from", { phase: "running" }],
    [
      "objects of theirs, which the restore leaves behind,",
      { phase: "completed", stoppedAt: "2026-11-22T07:00:00Z", backupId: "20261122T070000" },
    ],
  ])("%s do not count", async (_, left) => {
    const { code, stdout } = await status([], withBackup(backup({}, left)));
    expect(code).toBe(4);
    expect(stdout).toContain("✗ backup       none yet, archiving well\n");
    expect(stdout).toContain("✗ backup: there is none\n");
  });

  test("a backup that failed is told with its reason, dated by its beginning where nobody says its end", async () => {
    const failed = backup({ creationTimestamp: made }, { phase: "failed", error: "AccessDenied" });
    const { code, stdout } = await status([], withBackup(failed));
    expect(code).toBe(4);
    expect(stdout).toContain("✗ backup: there is none; one failed 24 h ago: AccessDenied\n");
  });

  test("the newest that failed is the one", async () => {
    const failed = (name: string, reconciliationTerminatedAt: string) =>
      backup({ name, creationTimestamp: made }, { phase: "failed", error: name, reconciliationTerminatedAt });
    const { cluster } = withBackup(failed("last", "2026-11-22T07:00:00Z"));
    cluster.objects.push(failed("first", "2026-11-22T05:00:00Z"));
    const { stdout } = await status([], { cluster });
    expect(stdout).toContain("✗ backup: there is none; one failed 1 h ago: last\n");
  });

  test("one that failed before there was this database is not told", async () => {
    const before = { creationTimestamp: "2026-11-20T00:00:00.000Z" };
    const { stdout } = await status(
      [],
      withBackup(backup(before, { phase: "failed", error: "AccessDenied" })),
    );
    expect(stdout).toContain("✗ backup: there is none\n");
  });
});

describe("without Pulumi's state", () => {
  test("the cluster is told all the same", async () => {
    const bare = testProject(everyKind, settings);
    const { code, stdout } = await bare.run(["status"], { cluster: fakeCluster({ objects: wellObjects() }) });
    bare.remove();
    expect(code).toBe(4);
    expect(stdout).toContain("✓ API ");
    expect(stdout).toContain("✗ tokens       it cannot be seen: stack test has no state");
  });
});

describe("when nothing can be looked at", () => {
  test.each([
    ["there is no kubeconfig", undefined, 1, "error: there is no kubeconfig\nset KUBECONFIG\n"],
    [
      "the cluster does not answer",
      fakeCluster({
        fails: new ClusterError("unreachable", "the API server does not answer", "is there a VPN?"),
      }),
      1,
      "error: the API server does not answer\nis there a VPN?\n",
    ],
    [
      "it is another cluster",
      fakeCluster(),
      3,
      "error: the cluster has no namespace nix-cache, where stack test is to be\nis context test of $KUBECONFIG the right one (https://127.0.0.1:1), and was the stack brought up?\n",
    ],
    [
      "this person may see nothing",
      fakeCluster({
        objects: wellObjects(),
        forbidden: ["Namespace", "Deployment", "Job", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
      }),
      1,
      'error: nothing of namespace nix-cache can be seen: User "ann" cannot get Deployment\n',
    ],
  ])("%s: it says so, and prints no picture", async (_, cluster, expected, said) => {
    const { code, stdout, stderr } = await project.run(["status"], cluster ? { cluster } : {});
    expect(code).toBe(expected);
    expect(stdout).toBe("");
    expect(stderr).toContain(said);
  });
});

describe("--watch", () => {
  const esc = String.fromCharCode(27);
  const ended = new Error("the test ends the watch");

  test("paints over what it painted, by the time that has passed", async () => {
    const slept: number[] = [];
    const meanwhile = () => {
      if (slept.length === 2) throw ended;
    };
    const { stdout } = await status(["--watch", "60"], { terminal: true, slept, meanwhile });
    expect(slept).toEqual([60_000, 60_000]);
    expect(stdout).toContain("2026-11-22 08:00 UTC");
    // It goes up by as many lines as it painted, and clears them.
    const [first = "", ...later] = stdout.split(`${esc}[`);
    const second = later.slice(0, 2).join(`${esc}[`);
    expect(second).toMatch(new RegExp(`^${first.split("\n").length - 1}A\r${esc}\\[J`));
    expect(second).toContain("2026-11-22 08:01 UTC");
    expect(second).toContain("08:01:00 UTC, every 60 s; Ctrl-C ends");
  });

  test("keeps the last picture while the cluster does not answer", async () => {
    const cluster = fakeCluster({ objects: wellObjects() });
    const slept: number[] = [];
    const meanwhile = () => {
      if (slept.length === 2) throw ended;
      cluster.fail(new ClusterError("unreachable", "it does not answer", ""));
    };
    const { stdout } = await status(["--watch"], { terminal: true, slept, meanwhile, cluster });
    const last = stdout.split(`${esc}[J`).at(-1);
    expect(slept).toEqual([5_000, 5_000]);
    expect(last).toContain("✓ API ");
    expect(last).toContain("it does not answer; above is what was seen before");
  });

  test.each([[["--watch"]], [["--watch", "--json"]], [["--watch", "--markdown"]]])(
    "needs a terminal and a screen: %j",
    async (args) => {
      const { code, stderr } = await status(args, { terminal: args.length > 1 });
      expect(code).toBe(2);
      expect(stderr).toContain("--watch needs a terminal");
    },
  );

  test.each(["0", "soon", "-1"])("is not every %s seconds", async (seconds) => {
    expect((await status([`--watch=${seconds}`], { terminal: true })).code).toBe(2);
  });
});

import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ClusterError, type KubeObject } from "../../../../../cli/cluster/index.ts";
import type { StackOperation } from "../../../../../cli/deployments/index.ts";
import type { RunResult } from "../../../../../embedded/engine/engine.ts";
import { type FakeCluster, fakeCluster } from "../../cluster.ts";
import type { How, TestProject } from "../../world.ts";
import {
  answersCensus,
  at,
  atEveryWait,
  completedBackup,
  databaseProject,
  instance,
  liveCluster,
  store,
} from "../database.ts";

let project: TestProject;
beforeEach(() => {
  project = databaseProject();
});
afterEach(() => project.remove());

const target = at(20);
const to = ["db", "restore", "--to", target];
const log = "000000010000000000000007";
const pod = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels },
  status: { phase: "Running" },
});
const deployment = (name: string, replicas: number): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { replicas },
  status: { availableReplicas: replicas },
});
const labelled = (name: string, component: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/component": component,
});

/** A Job that has migrated the database. */
const migration = (): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "attic-migrate-1", labels: labelled("attic-migrate", "migrations") },
  status: { conditions: [{ type: "Complete", status: "True" }] },
});

/** All that a restore has to do with. */
const objects = (): KubeObject[] => [
  liveCluster(),
  instance(),
  store({ "attic-pg": { from: at(-240), lastBackup: at(16) } }),
  completedBackup(-8),
  completedBackup(16),
  deployment("attic", 3),
  deployment("attic-gc", 1),
  pod("attic-1", labelled("attic", "api")),
  pod("attic-gc-1", labelled("attic-gc", "gc")),
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "attic-pg-1", labels: { "cnpg.io/cluster": "attic-pg" } },
    spec: { volumeName: "pv-1" },
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv-1" },
    spec: { persistentVolumeReclaimPolicy: "Delete" },
  },
  migration(),
];

/** A cluster with its controllers, and the engine; all of them stand-ins that do at once what they are asked. */
function world(
  more: { objects?: KubeObject[]; primary?: boolean; archived?: boolean; hangs?: boolean } = {},
) {
  const { primary = true, archived = true, hangs = false } = more;
  const operations: StackOperation[] = [];
  const cluster = fakeCluster({
    objects: more.objects ?? objects(),
    exec: (_pod, _container, command) => {
      const sql = command.at(-1) ?? "";
      if (hangs) throw new ClusterError("unanswered", "psql did not answer within 60 s", "see its log");
      const answer = (stdout: string) => ({ code: 0, stdout, stderr: "" });
      if (sql.includes("pg_switch_wal")) return answer(log);
      if (sql.includes("last_archived_wal")) return answer(archived ? "t" : "f");
      return answersCensus({ newest: target })(command);
    },
  });
  if (!primary) remove(cluster, "Pod", "attic-pg-1");
  const meanwhile = atEveryWait(() => controllers(cluster));
  const operate = async (operation: StackOperation): Promise<RunResult> => {
    operations.push(operation);
    if (!find(cluster, "Cluster", "attic-pg")) {
      cluster.objects.push({
        ...liveCluster(restoreIn().serverName),
        status: { phase: "Setting up primary" },
      });
    }
    if (!find(cluster, "Job", "attic-migrate-1")) cluster.objects.push(migration());
    return { changes: { create: 2 }, outputs: {}, diagnostics: [], withheld: [] } as unknown as RunResult;
  };
  const how: How = { cluster, meanwhile, operate };
  return { cluster, operations, how };
}

const remove = (cluster: FakeCluster, kind: string, name: string) => {
  const index = cluster.objects.findIndex((one) => one.kind === kind && one.metadata.name === name);
  if (index >= 0) cluster.objects.splice(index, 1);
};
const find = <Kind extends string>(cluster: FakeCluster, kind: Kind, name: string) =>
  cluster.objects.find((one) => one.kind === kind && one.metadata.name === name);

/** What controllers and the operator do while a command waits. */
function controllers(cluster: FakeCluster): void {
  for (const name of ["attic", "attic-gc"]) {
    const found = find(cluster, "Deployment", name);
    if (!found) continue;
    found.status = { availableReplicas: found.spec?.replicas };
    if (found.spec?.replicas === 0) remove(cluster, "Pod", `${name}-1`);
  }
  const database = find(cluster, "Cluster", "attic-pg");
  if (!database) {
    remove(cluster, "PersistentVolumeClaim", "attic-pg-1");
  } else if (database.status?.phase === "Setting up primary") {
    database.status = liveCluster().status as Record<string, unknown>;
  }
  for (const backup of cluster.objects.filter(({ kind }) => kind === "Backup")) {
    backup.status ??= { phase: "completed", backupId: "20261122T090000", stoppedAt: at(25) };
  }
}

const changes = (cluster: FakeCluster) =>
  cluster.changes.map(({ what }) => what).filter((what) => !what.startsWith("exec"));
/** In both of its forms. */
const collector = ["**kubernetes:apps/v1:Deployment::attic-gc", "**kubernetes:batch/v1:CronJob::attic-gc"];
const restoreIn = () => parse(project.text()).config["attic:database"].cloudNativePg.restore;

describe("a restore", () => {
  test("does each step in its order, and leaves the garbage collector off", async () => {
    const { cluster, operations, how } = world();
    const { code, stdout } = await project.run([...to, "--yes"], how);
    expect(code).toBe(0);
    expect(changes(cluster)).toEqual([
      "patch Deployment attic",
      "patch Deployment attic-gc",
      "patch PersistentVolume pv-1",
      "delete Job attic-migrate-1",
      "delete Cluster attic-pg",
      "patch Deployment attic",
      "create Backup attic-pg-2-first",
    ]);
    // This state has nothing to find the database by, so all of the stack was brought up.
    expect(operations).toMatchObject([{ action: "up", refresh: true, except: collector }]);
    expect(restoreIn()).toEqual({ from: "attic-pg", serverName: "attic-pg-2", targetTime: target });
    expect(find(cluster, "Deployment", "attic-gc")?.spec?.replicas).toBe(0);
    expect(find(cluster, "Deployment", "attic")?.spec?.replicas).toBeGreaterThan(0);
    expect(find(cluster, "PersistentVolume", "pv-1")?.spec?.persistentVolumeReclaimPolicy).toBe("Retain");
    expect(stdout).toContain("--start-gc");
    expect(stdout).toContain('verify --skip "collector-rollout=');
  });

  test("commits something after every possible target before it sends off the last log", async () => {
    const { cluster, how } = world();
    await project.run([...to, "--yes"], how);
    const asked = cluster.changes.map(({ what }) => what).filter((what) => what.startsWith("exec"));
    expect(asked[0]).toContain("SELECT pg_current_xact_id()");
    expect(asked[1]).toContain("pg_switch_wal()");
    expect(asked[2]).toContain(`>= '${log}'`);
  });

  test("is not judged by policies, which look at what a part of the stack leaves out", async () => {
    const { operations, how } = world();
    await project.run([...to, "--yes"], how);
    expect(operations).toMatchObject([{ policies: false }]);
  });

  test("tells Pulumi's history what it did", async () => {
    const { operations, how } = world();
    await project.run([...to, "--yes"], how);
    expect(operations[0]?.message).toContain("restore the database from attic-pg as attic-pg-2");
  });

  test("begins again where it stopped, and does nothing twice", async () => {
    const first = world();
    const operate = first.how.operate;
    first.how.operate = async () => {
      throw new Error("the engine was ended");
    };
    expect((await project.run([...to, "--yes"], first.how)).code).toBe(1);
    expect(find(first.cluster, "Cluster", "attic-pg")).toBeUndefined();
    const before = changes(first.cluster).length;

    const { code, stderr } = await project.run([...to, "--yes"], {
      ...first.how,
      ...(operate && { operate }),
    });
    expect(code).toBe(0);
    expect(stderr).toContain("this goes on from where it is");
    expect(changes(first.cluster).slice(before)).toEqual([
      "patch Deployment attic",
      "create Backup attic-pg-2-first",
    ]);
    expect(restoreIn().serverName).toBe("attic-pg-2");
  });

  test("that is done changes nothing, and starts the collector when told", async () => {
    const { cluster, how } = world();
    await project.run([...to, "--yes"], how);
    const before = changes(cluster).length;
    expect((await project.run([...to, "--yes"], how)).code).toBe(0);
    expect(changes(cluster).length).toBe(before);
    await project.run([...to, "--yes", "--start-gc"], how);
    expect(changes(cluster).slice(before)).toEqual(["patch Deployment attic-gc"]);
    expect(find(cluster, "Deployment", "attic-gc")?.spec?.replicas).toBe(1);
  });

  test("says of the collector what it is, whatever was asked for", async () => {
    const { how } = world();
    expect((await project.run([...to, "--yes"], how)).stdout).toContain("The garbage collector is off");
    await project.run([...to, "--yes", "--start-gc"], how);
    expect((await project.run([...to, "--yes"], how)).stdout).not.toContain("The garbage collector is off");
  });

  test("of a database that somebody deleted stops what outlived it, and lets it in with the new password", async () => {
    const { cluster, how } = world();
    remove(cluster, "Cluster", "attic-pg");
    const { code, stdout } = await project.run(["db", "restore", "--latest", "--yes"], how);
    expect(code).toBe(0);
    expect(changes(cluster)).toEqual([
      "patch Deployment attic",
      "patch Deployment attic-gc",
      "delete Job attic-migrate-1",
      "patch Deployment attic",
      "create Backup attic-pg-2-first",
    ]);
    expect(find(cluster, "Deployment", "attic-gc")?.spec?.replicas).toBe(0);
    expect(stdout).toContain("The garbage collector is off");
  });

  test("whose update ended before the migrations has them run before the API is started", async () => {
    const { cluster, operations, how } = world();
    const { operate } = how;
    how.operate = async () => {
      cluster.objects.push(liveCluster("attic-pg-2"));
      throw new Error("the engine was ended");
    };
    expect((await project.run([...to, "--yes"], how)).code).toBe(1);
    const before = changes(cluster).length;
    expect((await project.run([...to, "--yes"], { ...how, ...(operate && { operate }) })).code).toBe(0);
    expect(operations).toHaveLength(1);
    expect(find(cluster, "Job", "attic-migrate-1")).toBeDefined();
    expect(changes(cluster).slice(before)).toEqual([
      "patch Deployment attic",
      "create Backup attic-pg-2-first",
    ]);
  });

  test("to another moment, after that, starts from the new archive with another name", async () => {
    const { how } = world();
    await project.run([...to, "--yes"], how);
    const windows = find(how.cluster as FakeCluster, "ObjectStore", "attic-pg");
    Object.assign(windows as KubeObject, store({ "attic-pg-2": { from: at(21), lastBackup: at(21) } }));
    const { stdout } = await project.run(["--json", "db", "restore", "--latest", "--dry-run"], how);
    expect(JSON.parse(stdout).restore).toEqual({ from: "attic-pg-2", serverName: "attic-pg-3" });
  });

  test("goes back from the archive alone when the primary is lost", async () => {
    const { how } = world({ primary: false });
    const { stderr } = await project.run([...to, "--yes"], how);
    expect(stderr).toContain("no primary answers");
    expect(restoreIn().from).toBe("attic-pg");
  });
});

describe("a lost cluster", () => {
  const args = ["db", "restore", "--latest", "--from", "attic-pg-2", "--server-name", "attic-pg-3"];

  /** An engine that makes what it is asked for, and a state that has the stack. */
  function lost(state: How["state"] = [stateOf("kubernetes:core/v1:ServiceAccount::attic-gc")]) {
    const { cluster, operations, how } = world({ objects: [] });
    const { operate } = how;
    how.operate = async (operation) => {
      if (operation.except) {
        cluster.objects.push(deployment("attic", 1), instance(), store({}));
        return (await operate?.(operation)) as RunResult;
      }
      cluster.objects.push(deployment("attic-gc", 1));
      operations.push(operation);
      return { changes: { create: 1 }, outputs: {}, diagnostics: [], withheld: [] } as unknown as RunResult;
    };
    return { cluster, operations, how: { ...how, state } };
  }
  const stateOf = (end: string) => ({ urn: `urn:pulumi:test::attic::attic:Attic$${end}`, type: "" });

  test("gets everything but the garbage collector, the database out of the archive", async () => {
    const { cluster, operations, how } = lost();
    expect((await project.run([...args, "--yes"], how)).code).toBe(4);
    expect(operations).toEqual([]);
    expect((await project.run([...args, "--yes", "--unchecked"], how)).code).toBe(0);
    expect(operations).toMatchObject([{ action: "up", refresh: true, except: collector }]);
    expect(operations[0]).not.toHaveProperty("targets");
    expect(restoreIn()).toEqual({ from: "attic-pg-2", serverName: "attic-pg-3" });
    expect(find(cluster, "Deployment", "attic-gc")).toBeUndefined();
  });

  test("gets the garbage collector when told", async () => {
    const { cluster, operations, how } = lost();
    await project.run([...args, "--yes", "--unchecked"], how);
    expect((await project.run([...args, "--yes", "--unchecked", "--start-gc"], how)).code).toBe(0);
    expect(operations.slice(1)).toMatchObject([
      {
        action: "up",
        refresh: true,
        targets: [
          stateOf("kubernetes:apps/v1:Deployment::attic-gc").urn,
          // Without the moments of root tokens the program fails when one of them was raised.
          "**attic:tokens:Tokens$pulumi:index:Stash::token-admin-1",
        ],
      },
    ]);
    expect(find(cluster, "Deployment", "attic-gc")).toBeDefined();
  });

  test("gets the rest, too, when the update that made it did not come to its end", async () => {
    const beside = [
      stateOf("kubernetes:barmancloud.cnpg.io/v1:ObjectStore::attic-pg"),
      stateOf("kubernetes:core/v1:ServiceAccount::attic-migrate"),
    ];
    const { cluster, operations, how } = lost(beside);
    cluster.objects.push(store({}));
    expect((await project.run([...args, "--yes", "--unchecked"], how)).code).toBe(0);
    expect(operations[0]).toMatchObject({ except: collector });
  });

  test("gets the API when the update failed after the database, before anything could serve", async () => {
    const { cluster, operations, how } = lost();
    const { operate } = how;
    how.operate = async () => {
      cluster.objects.push(liveCluster("attic-pg-3"), instance(), store({}), migration());
      throw new Error("Certificate attic is not ready");
    };
    expect((await project.run([...args, "--yes", "--unchecked"], how)).code).toBe(1);
    const again = { ...how, ...(operate && { operate }) };
    expect((await project.run([...args, "--yes", "--unchecked"], again)).code).toBe(0);
    expect(operations).toMatchObject([{ action: "up", refresh: true, except: collector }]);
    expect(find(cluster, "Deployment", "attic")).toBeDefined();
  });

  test("is not taken for the one of the last restore, which the file still has", async () => {
    await project.run([...args, "--yes", "--unchecked"], lost().how);
    const before = project.text();
    const { cluster, operations, how } = lost();
    for (const given of [[], ["--from", "attic-pg-2"], ["--server-name", "attic-pg-3"]]) {
      const { code, stderr } = await project.run(
        ["db", "restore", "--latest", "--yes", "--unchecked", ...given],
        how,
      );
      expect(code).toBe(2);
      expect(stderr).toContain("give both --from and --server-name");
      expect(stderr).toContain("--from attic-pg-3 --server-name attic-pg-4");
      expect(stderr).toContain("--from attic-pg-2 --server-name attic-pg-3");
    }
    expect({ changes: changes(cluster), operations, text: project.text() }).toEqual({
      changes: [],
      operations: [],
      text: before,
    });
    const next = ["--from", "attic-pg-3", "--server-name", "attic-pg-4"];
    const { code } = await project.run(["db", "restore", "--latest", "--yes", "--unchecked", ...next], how);
    expect(code).toBe(0);
    expect(restoreIn()).toEqual({ from: "attic-pg-3", serverName: "attic-pg-4" });
  });

  test("is told where the garbage collector comes from, when the state does not say it", async () => {
    const { how } = lost([]);
    await project.run([...args, "--yes", "--unchecked"], how);
    const { code, stderr } = await project.run([...args, "--yes", "--unchecked", "--start-gc"], how);
    expect(code).toBe(1);
    expect(stderr).toContain("deploy --refresh");
  });
});

describe("a dry run", () => {
  test("shows the change of the file and every step, and changes nothing", async () => {
    const { cluster, operations, how } = world();
    const before = project.text();
    const { code, stdout, stderr } = await project.run([...to, "--dry-run"], how);
    expect(code).toBe(0);
    expect(stderr).toContain('+        serverName: "attic-pg-2"');
    expect(stdout.match(/^\d+\. .*/gm)).toEqual([
      "1. Write the restore into Pulumi.test.yaml",
      "2. Stop what writes",
      "3. Send off the last logs",
      "4. Keep the volumes",
      "5. Remove the old database",
      "6. Recover from attic-pg as attic-pg-2",
      "7. Check the data",
      "8. Start the API",
      "9. Make a full backup",
    ]);
    expect(stdout).toContain("the full backup of 2026-11-22T00:00:00Z (20261122T000000), 4 h before its end");
    expect({ changes: cluster.changes, operations, text: project.text() }).toEqual({
      changes: [],
      operations: [],
      text: before,
    });
  });

  test("needs nobody to confirm, and is allowed while deployments are frozen", async () => {
    const { how } = world();
    const env = { DEPLOYMENT_FREEZE: "true" };
    expect((await project.run([...to, "--dry-run"], { ...how, env })).code).toBe(0);
  });
});

describe("a restore is refused", () => {
  test.each([
    ["to before the recovery window", ["--to", at(-241)], "the earliest"],
    ["to the future", ["--to", at(30)], "in the future"],
    ["of an archive without a full backup", ["--latest", "--from", "attic-pg-9"], "no full backup"],
  ])("%s, and nothing is changed", async (_, args, words) => {
    const { cluster, how } = world();
    const before = project.text();
    const { code, stderr } = await project.run(["db", "restore", ...args, "--yes"], how);
    expect(code).toBe(4);
    expect(stderr).toContain(words);
    expect(cluster.changes).toEqual([]);
    expect(project.text()).toBe(before);
  });

  test("while deployments are frozen, unless somebody gives a reason, which is recorded", async () => {
    const { cluster, operations, how } = world();
    const env = { DEPLOYMENT_FREEZE: "true", FREEZE_REASON: "the audit" };
    expect((await project.run([...to, "--yes"], { ...how, env })).code).toBe(4);
    expect(cluster.changes).toEqual([]);
    const reason = ["--override-freeze", "the database is corrupt"];
    expect((await project.run([...to, "--yes", ...reason], { ...how, env })).code).toBe(0);
    expect(operations[0]?.message).toContain("because: the database is corrupt");
  });

  test("without anybody to confirm it", async () => {
    const { cluster, how } = world();
    const { code, stderr } = await project.run(to, how);
    expect(code).toBe(2);
    expect(stderr).toContain("--yes");
    expect(cluster.changes).toEqual([]);
  });

  test("when the last log does not arrive, and before anything is removed", async () => {
    const { cluster, how } = world({ archived: false });
    const { code, stderr } = await project.run([...to, "--yes"], how);
    expect(code).toBe(1);
    expect(stderr).toContain("has not arrived in the archive");
    expect(stderr).toContain("give --without-last-logs");
    expect(changes(cluster)).not.toContain("delete Cluster attic-pg");

    expect((await project.run([...to, "--yes", "--without-last-logs"], how)).code).toBe(0);
  });

  test("when the primary hangs, and before anything is removed", async () => {
    const { cluster, how } = world({ hangs: true });
    const { code, stderr } = await project.run([...to, "--yes"], how);
    expect(code).toBe(1);
    expect(stderr).toContain("did not answer within 60 s\nsee its log\n");
    expect(stderr).toContain("give --without-last-logs");
    expect(changes(cluster)).not.toContain("delete Cluster attic-pg");
  });

  test("when the file cannot be written by machine", async () => {
    const { cluster, how } = world();
    const { config } = parse(project.text());
    const database = JSON.stringify(JSON.stringify(config["attic:database"]));
    const text = project
      .text()
      .replace(/ {2}attic:database:\n(?: {4}.*\n)*/, `  attic:database: ${database}\n`);
    writeFileSync(project.file, text);
    const { stderr } = await project.run([...to, "--yes"], how);
    expect(stderr).toContain("write this by hand");
    expect(cluster.changes).toEqual([]);
  });
});

describe("at a terminal", () => {
  test("a person confirms each step that changes something, and the removal by the database's name", async () => {
    const { how } = world();
    const typed = ["yes", "yes", "yes", "yes", "attic-pg", "yes", "yes", "yes"].join("\n");
    const { code, stderr } = await project.run(to, { ...how, typed: `${typed}\n` });
    expect(code).toBe(0);
    expect(stderr.match(/^Type .*/gm)).toEqual([
      "Type yes to go on with “Write the restore into Pulumi.test.yaml”:",
      "Type yes to go on with “Stop what writes”:",
      "Type yes to go on with “Send off the last logs”:",
      "Type yes to go on with “Keep the volumes”:",
      "Type attic-pg to go on with “Remove the old database”:",
      "Type yes to go on with “Recover from attic-pg as attic-pg-2”:",
      "Type yes to go on with “Start the API”:",
      "Type yes to go on with “Make a full backup”:",
    ]);
  });

  test("any other answer stops before the step", async () => {
    const { cluster, how } = world();
    const { code } = await project.run(to, { ...how, typed: "yes\nyes\nyes\nyes\nyes\n" });
    expect(code).toBe(4);
    expect(changes(cluster)).not.toContain("delete Cluster attic-pg");
  });
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { ClusterError, type Executed, type KubeObject } from "../../../../../cli/cluster/index.ts";
import { type FakeCluster, type FakeClusterOptions, fakeCluster } from "../../cluster.ts";
import {
  answersCensus,
  at,
  atEveryWait,
  databaseProject,
  instance,
  liveCluster,
  store,
} from "../database.ts";

const project = databaseProject();
afterAll(() => project.remove());

const scratch = "nix-cache-drill";
const windows = store({ "attic-pg": { from: at(-240), lastBackup: at(16) } });
const newest = at(20);
const log = "000000010000000000000007";

/** A cluster with a live database, in which the operator does what a test says. */
function world(
  act: (cluster: FakeCluster, waits: number) => void,
  more: {
    restored?: Parameters<typeof answersCensus>[0];
    objects?: KubeObject[];
    live?: boolean;
    archived?: boolean;
    /** How it answers when the rows of the live database, or of the restored one, are to be counted. */
    counting?: Partial<Record<"live" | "restored", () => Executed>>;
    forbidden?: string[];
  } = {},
) {
  const { restored = { newest }, objects = [], live = true, archived = true, forbidden = [] } = more;
  const { counting = {} } = more;
  const exec: FakeClusterOptions["exec"] = (_pod, _container, command) => {
    const sql = command.at(-1) ?? "";
    if (sql.includes("pg_switch_wal")) return { code: 0, stdout: log, stderr: "" };
    if (sql.includes("last_archived_wal")) return { code: 0, stdout: archived ? "t" : "f", stderr: "" };
    const ofLive = !find(cluster, "Cluster");
    const other = counting[ofLive ? "live" : "restored"];
    if (other && sql.includes("json_build_object")) return other();
    return answersCensus(ofLive ? { newest } : restored)(command);
  };
  const cluster = fakeCluster({
    objects: [liveCluster(), windows, ...(live ? [instance()] : []), ...objects],
    exec,
    forbidden,
  });
  const meanwhile = atEveryWait((waits) => act(cluster, waits));
  return { cluster, meanwhile };
}

/** Stands in for the operator and the plugin: calls the database of the drill ready. */
function recovers(cluster: FakeCluster) {
  const database = find(cluster, "Cluster");
  const namespace = cluster.objects.find(({ kind }) => kind === "Namespace");
  if (namespace) namespace.metadata.creationTimestamp = at(24);
  if (!database) return;
  database.status = {
    currentPrimary: "attic-pg-1",
    phase: "Cluster in healthy state",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(24.5) }],
  };
  if (!find(cluster, "Pod")) cluster.objects.push(instance(scratch));
}

const find = (cluster: FakeCluster, kind: string) =>
  cluster.objects.find((each) => each.kind === kind && each.metadata.namespace === scratch);
const made = (cluster: FakeCluster) =>
  cluster.changes.map(({ what }) => what).filter((what) => what.startsWith("create"));
const corrupt = (): Executed => ({ code: 1, stdout: "", stderr: "ERROR:  invalid page in block 7" });
const hangs = (): Executed => {
  throw new ClusterError("unanswered", "psql did not answer within 60 s", "");
};
const reported = (file: string) => JSON.parse(readFileSync(join(project.folder, file), "utf8"));
const isGone = (cluster: FakeCluster) => !cluster.objects.some(({ kind }) => kind === "Namespace");

describe("a drill", () => {
  test("restores on the side, tells what came back and how long it took, and removes it all", async () => {
    const { cluster, meanwhile } = world(recovers);
    const { code, stdout } = await project.run(["db", "drill", "--report", "drill.json"], {
      cluster,
      meanwhile,
    });
    expect(code).toBe(0);
    expect(made(cluster)).toEqual([
      `create Namespace ${scratch}`,
      "create NetworkPolicy default-deny",
      "create NetworkPolicy attic-pg",
      "create NetworkPolicy attic-pg-jobs",
      "create ObjectStore attic-pg",
      "create Cluster attic-pg",
    ]);
    expect(stdout).toContain("Restore drill of test: attic-pg to the newest state: passed");
    expect(stdout).toContain(`namespace ${scratch} is gone again`);
    expect(isGone(cluster)).toBe(true);
    expect(JSON.parse(readFileSync(join(project.folder, "drill.json"), "utf8"))).toMatchObject({
      passed: true,
      removed: true,
      recoveryTime: 3600,
      dataLoss: 0,
    });
  });

  test("touches nothing of the live database", async () => {
    const { cluster, meanwhile } = world(recovers);
    await project.run(["db", "drill"], { cluster, meanwhile });
    const others = cluster.changes.filter(
      ({ what, body }) => !what.startsWith("exec") && !JSON.stringify(body ?? what).includes(scratch),
    );
    expect(others).toEqual([]);
    for (const { what } of cluster.changes.filter(({ what }) => what.startsWith("exec"))) {
      expect(what).toMatch(/-c SELECT [^;]*$/);
    }
  });

  test("to a moment has the live database send off what it has written by now", async () => {
    const { cluster, meanwhile } = world(recovers);
    const { code, stderr } = await project.run(["db", "drill", "--to", newest], { cluster, meanwhile });
    expect(code).toBe(0);
    expect(stderr).toContain(`${log} is its last log`);
    const asked = cluster.changes.map(({ what }) => what);
    const sent = asked.findIndex((what) => what.includes("pg_switch_wal()"));
    expect(asked[sent - 1]).toContain("SELECT pg_current_xact_id()");
    expect(sent).toBeLessThan(asked.indexOf("create Cluster attic-pg"));
  });

  test("to a moment goes on with what is in the archive, where nothing more gets there", async () => {
    const { cluster, meanwhile } = world(recovers, { archived: false });
    const { stderr } = await project.run(["db", "drill", "--to", newest], { cluster, meanwhile });
    expect(stderr).toContain("going on with what is in the archive");
    expect(made(cluster)).toContain("create Cluster attic-pg");
  });

  test("keeps the namespace where that is asked for", async () => {
    const { cluster, meanwhile } = world(recovers);
    const { code, stdout } = await project.run(["db", "drill", "--keep"], { cluster, meanwhile });
    expect(code).toBe(0);
    expect(isGone(cluster)).toBe(false);
    expect(stdout).toContain(`kubectl delete namespace ${scratch}`);
  });

  test("goes on without a live database, and says that nothing was compared", async () => {
    const { cluster, meanwhile } = world(recovers, { live: false });
    const { code, stdout } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(0);
    expect(stdout).toContain("nothing is compared");
  });

  test.each([
    ["is corrupt", corrupt, "invalid page in block 7"],
    ["hangs", hangs, "psql did not answer within 60 s"],
  ])("goes on where the live database %s, which is what it is for", async (_, live, words) => {
    const { cluster, meanwhile } = world(recovers, { counting: { live } });
    const { code, stdout, stderr } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(0);
    expect(stderr).toContain("! the live database cannot be counted: ");
    expect(stderr).toContain(words);
    expect(stdout).toContain("nothing is compared");
  });

  test("outlasts an API server that is away for a moment", async () => {
    const { cluster, meanwhile } = world((cluster, waits) => {
      if (waits === 1) cluster.fail(new ClusterError("unavailable", "HTTP 503", "", 503));
      if (waits === 2) cluster.fail(undefined);
      if (waits > 2) recovers(cluster);
    });
    const { code } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(0);
    expect(isGone(cluster)).toBe(true);
  });
});

describe("a drill fails loudly, and leaves nothing behind,", () => {
  test("when too much is missing", async () => {
    const { cluster, meanwhile } = world(recovers, { restored: { newest: at(18) } });
    const { code, stdout } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(4);
    expect(stdout).toContain("FAIL  newest object");
    expect(stdout).toContain("2 h of pushes are missing");
    expect(isGone(cluster)).toBe(true);
  });

  test("when the archive does not become a database, with what its pods say", async () => {
    const { cluster, meanwhile } = world((cluster) => {
      if (find(cluster, "Pod") || !find(cluster, "Cluster")) return;
      cluster.objects.push({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "full-recovery", namespace: scratch, labels: { "cnpg.io/cluster": "attic-pg" } },
        status: {
          containerStatuses: [{ name: "full-recovery", lastState: { terminated: { reason: "OOMKilled" } } }],
        },
      });
    });
    const { code, stdout, stderr } = await project.run(
      ["db", "drill", "--timeout", "1h", "--report", "out/failed.json"],
      {
        cluster,
        meanwhile,
      },
    );
    expect(code).toBe(4);
    expect(stdout).toContain("the archive of attic-pg did not become a database");
    expect(stderr).toContain("full-recovery/full-recovery: OOMKilled");
    expect(isGone(cluster)).toBe(true);
    expect(existsSync(join(project.folder, "out/failed.json"))).toBe(true);
  });

  test("when what came back cannot be counted", async () => {
    const { cluster, meanwhile } = world(recovers, { counting: { restored: corrupt } });
    const { code, stdout } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(4);
    expect(stdout).toMatch(/FAIL {2}the restored database cannot be counted: .*invalid page in block 7/);
    expect(isGone(cluster)).toBe(true);
  });

  test.each([
    ["create Namespace", "cannot create Namespace"],
    ["create ObjectStore", "cannot create ObjectStore"],
  ])("with another exit code than a bad archive's when it may not %s", async (forbidden, words) => {
    const { cluster, meanwhile } = world(recovers, { forbidden: [forbidden] });
    const file = `out/${forbidden}.json`;
    const { code, stdout } = await project.run(["db", "drill", "--report", file], { cluster, meanwhile });
    expect(code).toBe(1);
    expect(stdout).toContain(words);
    expect(reported(file)).toMatchObject({ passed: false, error: expect.stringContaining(words) });
    expect(isGone(cluster)).toBe(true);
  });

  test("when an object is refused half-way", async () => {
    const { cluster, meanwhile } = world(recovers);
    const create = cluster.create;
    cluster.create = async (object, options) => {
      if (object.kind === "ObjectStore") throw new Error("no such kind");
      return create(object, options);
    };
    const { code } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(1);
    expect(isGone(cluster)).toBe(true);
  });

  test("when it is interrupted", async () => {
    const listening = process.listenerCount("SIGHUP");
    const { cluster, meanwhile } = world((_, waits) => {
      if (waits === 1) process.emit("SIGHUP", "SIGHUP");
    });
    const { code } = await project.run(["db", "drill"], { cluster, meanwhile });
    expect(code).toBe(130);
    expect(isGone(cluster)).toBe(true);
    expect(process.listenerCount("SIGHUP")).toBe(listening);
  });
});

describe("the volumes of a drill", () => {
  /** A drill whose database has volumes of classes that do this with them. */
  function withVolumes(policies: Record<string, string>, forbidden: string[] = []) {
    return world(
      (cluster) => {
        recovers(cluster);
        if (find(cluster, "PersistentVolumeClaim")) {
          if (isGone(cluster)) cluster.objects.splice(0, cluster.objects.length);
          return;
        }
        for (const [name, persistentVolumeReclaimPolicy] of Object.entries(policies)) {
          cluster.objects.push(
            {
              apiVersion: "v1",
              kind: "PersistentVolumeClaim",
              metadata: { name: `claim-of-${name}`, namespace: scratch },
              spec: { volumeName: name },
            },
            {
              apiVersion: "v1",
              kind: "PersistentVolume",
              metadata: { name },
              spec: { persistentVolumeReclaimPolicy },
            },
          );
        }
      },
      { forbidden },
    );
  }
  const patches = (cluster: FakeCluster) => cluster.changes.filter(({ what }) => what.startsWith("patch"));

  test("go with it, whatever class they have", async () => {
    const { cluster, meanwhile } = withVolumes({ "pv-1": "Retain", "pv-2": "Delete" });
    expect((await project.run(["db", "drill"], { cluster, meanwhile })).code).toBe(0);
    expect(patches(cluster)).toEqual([
      {
        what: "patch PersistentVolume pv-1",
        body: { spec: { persistentVolumeReclaimPolicy: "Delete" } },
      },
    ]);
  });

  test("need no right to change them where they go by themselves", async () => {
    const { cluster, meanwhile } = withVolumes({ "pv-1": "Delete" }, ["patch PersistentVolume"]);
    expect((await project.run(["db", "drill"], { cluster, meanwhile })).code).toBe(0);
  });

  test.each(["patch PersistentVolume", "get PersistentVolume", "list PersistentVolumeClaim"])(
    "do not keep its namespace where nobody may %s, but are told",
    async (forbidden) => {
      const { cluster, meanwhile } = withVolumes({ "pv-1": "Retain" }, [forbidden]);
      const { code, stdout, stderr } = await project.run(["db", "drill", "--report", "kept.json"], {
        cluster,
        meanwhile,
      });
      const words = `the drill is over, but a volume with its data may stay: User "ann" cannot ${forbidden}`;
      expect(isGone(cluster)).toBe(true);
      expect(code).toBe(1);
      expect(stderr).toContain(words);
      expect(stderr).toContain(`kubectl get persistentvolumes | grep ${scratch}/`);
      expect(stdout).toContain(words);
      expect(stdout).not.toContain("is still there");
      expect(reported("kept.json")).toMatchObject({ passed: true, removed: false, notRemoved: words });
    },
  );
});

describe("a drill does not begin", () => {
  const left: KubeObject = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "nix-cache-drill-20261101",
      namespace: "*",
      labels: { "atticctl/restore-drill-of": "nix-cache" },
      annotations: { "atticctl/owner": "ann", "atticctl/expires": "2026-11-01T13:00:00Z" },
    },
  };

  test.each<[string, string[], KubeObject[], string]>([
    ["while one of before is there", [], [left], "of ann"],
    [
      "in a namespace of somebody else",
      [],
      [{ apiVersion: "v1", kind: "Namespace", metadata: { name: scratch } }],
      "not a drill's",
    ],
  ])("%s", async (_, args, objects, words) => {
    const { cluster, meanwhile } = world(recovers, { objects });
    const { code, stderr } = await project.run(["db", "drill", ...args], { cluster, meanwhile });
    expect(code).toBe(4);
    expect(stderr).toContain(words);
    expect(cluster.changes).toEqual([]);
  });

  test.each([
    ["for a moment that the archive does not reach back to", ["--to", at(-241)], "the earliest"],
    ["for the future", ["--to", at(30)], "in the future"],
    ["from an archive without a full backup", ["--from", "attic-pg-9"], "no full backup"],
  ])("%s, and that is a failed drill", async (_, args, words) => {
    const { cluster, meanwhile } = world(recovers);
    const { code, stdout } = await project.run(["db", "drill", ...args], { cluster, meanwhile });
    expect(code).toBe(4);
    expect(stdout).toContain(words);
    expect(cluster.changes).toEqual([]);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { names } from "../../components/attic/names.ts";
import { secretKeys } from "../../components/attic/secrets.ts";
import { scheduledBackup } from "../../components/postgres/backup.ts";
import { cluster } from "../../components/postgres/cluster.ts";
import { objectStore as archive } from "../../components/postgres/object-store.ts";
import type { Settings } from "../../config/schema/index.ts";
import { down } from "../../live/down.ts";
import { ensureImages } from "../../live/images/index.ts";
import { enteringGround, startGround, startNode } from "../../live/nodes/index.ts";
import { type LivePaths, livePaths } from "../../live/paths.ts";
import { barmanCloud } from "../../live/platform/barman-cloud/index.ts";
import { certManager } from "../../live/platform/cert-manager/index.ts";
import { cloudNativePg } from "../../live/platform/cloudnative-pg.ts";
import { apply, complete } from "../../live/platform/install.ts";
import {
  ask,
  freezeObjectStore,
  makeBuckets,
  objectStore,
  objectStoreEndpoint,
  objectStoreKeys,
  objectStoreRegion,
  objectsIn,
  startObjectStore,
  stopObjectStore,
  thawObjectStore,
} from "../../live/platform/object-store/index.ts";
import { ensurePrograms } from "../../live/programs.ts";
import { run } from "../../live/run.ts";
import { s3, stackConfig } from "../support/settings.ts";
import { missing } from "./missing.ts";

const bucket = "attic-pg-backup";
type Restore = NonNullable<NonNullable<NonNullable<Settings["database"]>["cloudNativePg"]>["restore"]>;

/** In milliseconds; each wait has an end of its own. */
const timeout = 600_000;

describe.skipIf(missing)("a real PostgreSQL, backed up into a real object store", { timeout }, () => {
  let root: string;
  let paths: LivePaths;
  let image: string;
  let store: string;

  beforeAll(async () => {
    root = mkdtempSync(join(inject("liveParent"), "backups-"));
    paths = livePaths(join(root, "live"));
    const programs = await ensurePrograms();
    const parts = [await certManager(), await cloudNativePg(), await barmanCloud()];
    store = await objectStore();
    const images = parts.flatMap((part) => part.images);
    image = (await ensureImages(paths, programs, images)).postgresql;
    await startGround(paths, programs);
    await startObjectStore(paths, store);
    await makeBuckets(paths, [bucket]);
    await startNode(paths, programs, 1);
    for (const part of parts) await apply(paths, part);
    for (const part of parts) await complete(paths, part);
  });
  afterAll(async () => {
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  const kubectl = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, ["kubectl", ...command]);
    return (await run(file, args, { env })).trim();
  };
  const field = (namespace: string, kind: string, path: string) =>
    kubectl(`--namespace=${namespace}`, "get", kind, "-o", `jsonpath={${path}}`);
  const sql = (namespace: string, statement: string, database = "attic") =>
    kubectl(
      ...[`--namespace=${namespace}`, "exec", "attic-pg-1", "-c", "postgres", "--"],
      ...["psql", "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAtc", statement],
    );
  const until = async (what: string, seconds: number, check: () => Promise<boolean>) => {
    const begun = performance.now();
    for (const end = begun + seconds * 1000; performance.now() < end; await sleep(300)) {
      if (await check().catch(() => false)) return (performance.now() - begun) / 1000;
    }
    throw new Error(`not within ${seconds} s: ${what}\n${await kubectl("get", "pods", "-A", "-o", "wide")}`);
  };
  const backedUp = async (namespace: string) =>
    (await field(namespace, "backups", ".items[*].status.phase")).split(" ").includes("completed");

  /** The stack's database, as its own builders make it, in a namespace with the stack's Secret. */
  async function database(namespace: string, restore?: Restore): Promise<void> {
    const { accessKeyId, secretAccessKey } = await objectStoreKeys(paths);
    const config = stackConfig(
      {
        namespace,
        objectStore: {
          ...s3({ endpoint: objectStoreEndpoint, credentials: { accessKeyId, secretAccessKey } }),
          region: objectStoreRegion,
        },
        database: { cloudNativePg: { image, instances: 1, storage: { size: "1Gi" }, restore } },
      },
      ["objectStore"],
    );
    const enforce = { "pod-security.kubernetes.io/enforce": "restricted" };
    const objects = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: enforce } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: names.secrets, namespace },
        stringData: {
          [secretKeys.accessKeyId]: accessKeyId,
          [secretKeys.secretAccessKey]: secretAccessKey,
        },
      },
      archive(config),
      cluster(config),
      scheduledBackup(config),
    ];
    const file = join(root, `${namespace}.json`);
    await writeFile(file, objects.map((each) => JSON.stringify(each)).join("\n"), { mode: 0o600 });
    await kubectl("apply", "--server-side", "-f", file);
  }

  /**
   * Has PostgreSQL close the log that it writes, and waits until that is in the archive. After three failures it
   * tries again only once a minute.
   */
  async function archiveLog(namespace: string): Promise<number> {
    const log = await sql(namespace, "SELECT pg_walfile_name(pg_switch_wal())");
    return until("the log is archived", 150, async () => {
      const last = await sql(namespace, "SELECT last_archived_wal FROM pg_stat_archiver");
      return last >= log;
    });
  }

  test("the object store keeps every version of what is put in it", async () => {
    await makeBuckets(paths, ["kept"]);
    const object = { method: "PUT" as const, path: "/kept/folder/object" };
    const [, , versions] = await ask(paths, [
      { ...object, body: "first" },
      { ...object, body: "second" },
      { method: "GET", path: "/kept?versions" },
    ]);
    expect(versions?.text.match(/<Key>folder\/object<\/Key>/g)).toHaveLength(2);
    expect(await objectsIn(paths, "kept")).toEqual(["folder/object"]);
  });

  test("a first full backup is taken at once, under the restricted Pod Security Standard", async () => {
    await database("first");
    const healthy = await until(
      "the database is ready",
      240,
      async () => (await field("first", "cluster/attic-pg", ".status.phase")) === "Cluster in healthy state",
    );
    const backup = await until("a backup is complete", 240, () => backedUp("first"));
    console.log(`ready after ${healthy.toFixed(1)} s, its first backup ${backup.toFixed(1)} s later`);
    const objects = await objectsIn(paths, bucket, "attic-pg/attic-pg/base/");
    expect(objects.map((each) => each.split("/").at(-1)).sort()).toEqual(["backup.info", "data.tar.gz"]);
  });

  const target = { time: "" };

  test("logs reach the archive, packed", async () => {
    await sql("first", "CREATE TABLE written (row int)");
    await sql("first", "INSERT INTO written SELECT generate_series(1, 100)");
    await sleep(1500);
    target.time = await sql(
      "first",
      `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
    );
    await sleep(1500);
    await sql("first", "INSERT INTO written SELECT generate_series(101, 200)");
    const lag = await archiveLog("first");
    console.log(`a log is in the archive after ${lag.toFixed(1)} s`);
    const logs = await objectsIn(paths, bucket, "attic-pg/attic-pg/wals/");
    const log = await sql("first", "SELECT last_archived_wal FROM pg_stat_archiver");
    expect(logs).toContain(`attic-pg/attic-pg/wals/${log.slice(0, 16)}/${log}.gz`);
  });

  test("the database goes on while the object store is away, and catches up with the archive", async () => {
    await stopObjectStore(paths, "SIGKILL");
    await sql("first", "INSERT INTO written VALUES (201)");
    await sql("first", "SELECT pg_switch_wal()");
    await until(
      "archiving fails",
      60,
      async () => Number(await sql("first", "SELECT failed_count FROM pg_stat_archiver")) > 0,
    );
    await sql("first", "INSERT INTO written VALUES (202)");
    await startObjectStore(paths, store);
    const caughtUp = await archiveLog("first");
    console.log(`the archive is complete ${caughtUp.toFixed(1)} s after the object store came back`);
    expect(await sql("first", "SELECT count(*) FROM written")).toBe("202");
  });

  test("the database goes on while the object store never answers, and catches up with the archive", async () => {
    const archived = () => sql("first", "SELECT archived_count FROM pg_stat_archiver");
    const before = await archived();
    await freezeObjectStore(paths);
    await sql("first", "INSERT INTO written VALUES (203)");
    await sql("first", "SELECT pg_switch_wal()");
    expect((await ask(paths, [{ method: "GET", path: "/" }]))[0]?.status).toBe(0);
    expect(await archived()).toBe(before);
    await thawObjectStore(paths);
    const caughtUp = await archiveLog("first");
    console.log(`the archive is complete ${caughtUp.toFixed(1)} s after the object store answered again`);
  });

  test("a restore to a moment has the rows from before it, and none from after it", async () => {
    // What is running archives once more when it is stopped.
    await kubectl("delete", "namespace", "first");
    const before = await objectsIn(paths, bucket, "attic-pg/attic-pg/");
    await database("second", { from: "attic-pg", serverName: "attic-pg-2", targetTime: target.time });
    const restored = await until(
      "the database is restored",
      240,
      async () => (await field("second", "cluster/attic-pg", ".status.phase")) === "Cluster in healthy state",
    );
    console.log(`restored after ${restored.toFixed(1)} s`);
    expect(await sql("second", "SELECT min(row), max(row), count(*) FROM written")).toBe("1|100|100");
    expect(await objectsIn(paths, bucket, "attic-pg/attic-pg/")).toEqual(before);
  });

  test("the restored database archives under its own name", async () => {
    await until("a backup is complete", 240, () => backedUp("second"));
    await sql("second", "INSERT INTO written VALUES (1000)");
    await archiveLog("second");
    const logs = await objectsIn(paths, bucket, "attic-pg/attic-pg-2/wals/");
    expect(logs.filter((each) => each.endsWith(".gz"))).not.toEqual([]);
  });
});

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, chunkFiles, download, infoOf, makeCache, newPath, type Path, root, upload } from "./client.ts";
import { eventually } from "./eventually.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import {
  configuration,
  type Ended,
  migratedDatabase,
  newFolder,
  runServer,
  type Server,
  startServer,
} from "./server.ts";

describe.skipIf(missing)("the garbage collector", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  let server: Server;
  const folder = newFolder();
  const store = join(folder, "store");

  beforeAll(async () => {
    postgres = await startPostgres();
    env = await migratedDatabase(postgres, "collection");
    server = await startServer({ env, folder });
  });
  afterAll(async () => {
    await postgres?.stop();
  });
  beforeEach(async () => {
    await sql("DELETE FROM cache");
    await collect();
    expect(chunkFiles(store)).toEqual([]);
  });

  const sql = (statement: string) => postgres.sql("collection", statement);
  const collect = async (retention = "0s"): Promise<Ended> => {
    const collection = { interval: "1h", "default-retention-period": retention };
    const toml = configuration(folder, { "garbage-collection": collection });
    const own = newFolder();
    const ended = await runServer({ folder: own, toml, args: ["--mode", "garbage-collector-once"], env });
    expect(ended.code, ended.log).toBe(0);
    return ended;
  };
  const put = async (cache: string, size = 200_000): Promise<Path> => {
    const path = newPath(randomBytes(size));
    expect((await upload(server, infoOf(cache, path), path.nar)).status).toBe(200);
    return path;
  };
  const retain = (cache: string, seconds: number) =>
    ask(server, {
      method: "PATCH",
      path: `/_api/v1/cache-config/${cache}`,
      token: root,
      body: { retention_period: { Period: seconds } },
    });
  const made = ({ hash }: Path, ago: string) =>
    sql(`UPDATE object SET created_at = now() - interval '${ago}' WHERE store_path_hash = '${hash}'`);
  const asked = ({ hash }: Path, ago: string) =>
    sql(`UPDATE object SET last_accessed_at = now() - interval '${ago}' WHERE store_path_hash = '${hash}'`);
  const there = async (cache: string, path: Path) =>
    (await ask(server, { path: `/${cache}/${path.hash}.narinfo`, token: root })).status === 200;
  const counts = async () =>
    (
      await sql(
        "SELECT (SELECT count(*) FROM object), (SELECT count(*) FROM nar), (SELECT count(*) FROM chunk)",
      )
    )[0];
  const nothingHeld = () =>
    eventually(() => sql("SELECT coalesce(sum(holders_count), 0) FROM chunk")).toEqual(["0"]);

  test("removes what was neither made nor asked for in the cache's time", async () => {
    await makeCache(server, "main");
    await retain("main", 3600);
    const [old, asks, young] = [await put("main"), await put("main"), await put("main")];
    await made(old, "2 hours");
    await asked(old, "90 minutes");
    await made(asks, "2 hours");
    await asked(asks, "10 minutes");
    await made(young, "10 minutes");
    await nothingHeld();
    await collect();
    expect([await there("main", old), await there("main", asks), await there("main", young)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(await download(server, "main", asks)).toEqual(asks.nar);
  });

  test("goes by the default where a cache has no time of its own, and 0 is for ever", async () => {
    await makeCache(server, "main");
    await makeCache(server, "kept");
    await retain("kept", 0);
    const [one, two] = [await put("main"), await put("kept")];
    for (const path of [one, two]) await made(path, "2 hours");
    await collect("0s");
    expect([await there("main", one), await there("kept", two)]).toEqual([true, true]);
    await collect("1h");
    expect([await there("main", one), await there("kept", two)]).toEqual([false, true]);
  });

  test("leaves nothing of a cache that was destroyed, but what another has in common with it", async () => {
    await makeCache(server, "main");
    await makeCache(server, "other");
    const shared = await put("main");
    await put("main");
    await put("main", 1000);
    await upload(server, infoOf("other", shared), shared.nar);
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    await nothingHeld();
    await collect();
    expect(await counts()).toMatch(/^1\|1\|/);
    expect(await download(server, "other", shared)).toEqual(shared.nar);
    expect(chunkFiles(store)).toHaveLength(Number((await sql("SELECT count(*) FROM chunk"))[0]));
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/other", token: root });
    await collect();
    expect(await counts()).toBe("0|0|0");
    expect(chunkFiles(store)).toEqual([]);
  });

  test("leaves what somebody holds", async () => {
    await makeCache(server, "main");
    await put("main");
    await nothingHeld();
    await sql("UPDATE chunk SET holders_count = 1");
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    await collect();
    expect(await sql("SELECT DISTINCT state FROM chunk")).toEqual(["V"]);
    expect(chunkFiles(store).length).toBeGreaterThan(0);
    await sql("UPDATE chunk SET holders_count = 0");
    await collect();
    expect(chunkFiles(store)).toEqual([]);
  });

  test("marks chunks whose files it cannot delete, and nobody is given them again", async () => {
    await makeCache(server, "main");
    const path = await put("main", 1000);
    await nothingHeld();
    for (const file of chunkFiles(store)) rmSync(file);
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    await collect();
    expect(await sql("SELECT state FROM chunk")).toEqual(["D"]);
    await makeCache(server, "main");
    await upload(server, infoOf("main", path), path.nar);
    expect(await download(server, "main", path)).toEqual(path.nar);
    await sql("DELETE FROM chunk WHERE state = 'D'");
  });

  test("does not mind others of its kind", async () => {
    await makeCache(server, "main");
    for (let n = 0; n < 5; n++) await put("main", 400_000);
    const kept = await (async () => {
      await makeCache(server, "other");
      return put("other");
    })();
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    await nothingHeld();
    await Promise.all([collect(), collect(), collect()]);
    await collect();
    expect(await counts()).toMatch(/^1\|1\|/);
    expect(await download(server, "other", kept)).toEqual(kept.nar);
    // On a file system the slower of two finds a file gone and leaves its mark; rows that are marked are of no file.
    await sql("DELETE FROM chunk WHERE state = 'D'");
  });

  test("that runs all the time begins at once, and ends when it is told to", async () => {
    await makeCache(server, "main");
    await put("main");
    await nothingHeld();
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    const changes = { "garbage-collection": { interval: "1h" } };
    const toml = configuration(folder, changes);
    const control = new AbortController();
    const { signal } = control;
    const args = ["--mode", "garbage-collector"];
    const ended = runServer({ folder: newFolder(), toml, args, env, signal });
    await eventually(() => chunkFiles(store)).toEqual([]);
    control.abort();
    expect((await ended).code).toBe(0);
  });

  test("that never runs ends at once", async () => {
    const toml = configuration(folder);
    const { code } = await runServer({
      folder: newFolder(),
      toml,
      args: ["--mode", "garbage-collector"],
      env,
    });
    expect(code).toBe(0);
  });

  test("runs beside the API where one process does everything", async () => {
    await makeCache(server, "main");
    await put("main");
    await nothingHeld();
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    const storage = { type: "local", path: store };
    const all = await startServer({
      mode: "monolithic",
      env,
      changes: { storage, "garbage-collection": { interval: "1h" } },
    });
    await eventually(() => chunkFiles(store)).toEqual([]);
    expect((await ask(all, { path: "/none/nix-cache-info", token: root })).status).toBe(404);
    expect((await all.stop()).code).toBe(0);
  });
});

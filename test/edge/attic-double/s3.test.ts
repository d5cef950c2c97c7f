import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { objectStore } from "../../../live/platform/object-store/index.ts";
import { ask, infoOf, makeCache, newPath, root, upload } from "./client.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import { configuration, migratedDatabase, newFolder, runServer, type Server, startServer } from "./server.ts";
import { unzstd } from "./zstd.ts";

const keys = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "a-secret-access-key" };

describe.skipIf(missing)("chunks in a bucket", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  let endpoint: string;
  let stopStore: () => Promise<unknown>;
  const objects = newFolder();
  let server: Server;

  beforeAll(async () => {
    const port = await freePort();
    mkdirSync(join(objects, "cache"));
    const child = spawn(
      await objectStore(),
      [`--port=127.0.0.1:${port}`, "--region=eu-1", "posix", objects],
      {
        env: {
          ROOT_ACCESS_KEY_ID: keys.AWS_ACCESS_KEY_ID,
          ROOT_SECRET_ACCESS_KEY: keys.AWS_SECRET_ACCESS_KEY,
        },
        stdio: "ignore",
      },
    );
    const ended = once(child, "exit");
    stopStore = () => {
      child.kill();
      return ended;
    };
    endpoint = `http://127.0.0.1:${port}`;
    await vi.waitUntil(() => fetch(endpoint).then(Boolean, () => false), { timeout: 30_000 });
    postgres = await startPostgres();
    env = await migratedDatabase(postgres, "s3");
    server = await start({}, keys);
    await makeCache(server, "main");
  });
  afterAll(async () => {
    await stopStore?.();
    await postgres?.stop();
  });

  const storage = (more: object = {}) => ({ type: "s3", region: "eu-1", bucket: "cache", endpoint, ...more });
  const start = (more: object, variables: Record<string, string>, changes: object = {}) =>
    startServer({
      env: { ...env, AWS_EC2_METADATA_DISABLED: "true", ...variables },
      changes: { storage: storage(more), ...changes },
    });
  const inBucket = () => readdirSync(join(objects, "cache")).filter((name) => !name.startsWith("."));
  const nar = (server: Server, hash: string) => ask(server, { path: `/main/nar/${hash}.nar`, token: root });

  test.each([
    ["from the environment", {}, keys],
    [
      "from the configuration",
      {
        credentials: { access_key_id: keys.AWS_ACCESS_KEY_ID, secret_access_key: keys.AWS_SECRET_ACCESS_KEY },
      },
      { AWS_ACCESS_KEY_ID: "wrong", AWS_SECRET_ACCESS_KEY: "wrong" },
    ],
  ])("are kept under names of their own, with keys %s", async (_, more, variables) => {
    const server = await start(more, variables);
    const before = inBucket();
    const path = newPath(randomBytes(600_000));
    expect((await upload(server, infoOf("main", path), path.nar)).status).toBe(200);
    const made = inBucket().filter((name) => !before.includes(name));
    expect(made.length).toBeGreaterThan(2);
    for (const name of made) expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.chunk$/);
    const { status, bytes } = await nar(server, path.hash);
    expect(status).toBe(200);
    expect(unzstd(bytes)).toEqual(path.nar);
    expect(
      await postgres.sql("s3", "SELECT remote_file, remote_file_id FROM chunk ORDER BY id DESC LIMIT 1"),
    ).toEqual([
      expect.stringMatching(
        /^\{"S3":\{"region":"eu-1","bucket":"cache","key":"(\S+)"\}\}\|s3:eu-1\/cache\/\1$/,
      ),
    ]);
  });

  test("are got from the bucket itself, by a link of ten minutes, when a NAR is one chunk", async () => {
    const path = newPath(randomBytes(1000));
    await upload(server, infoOf("main", path), path.nar);
    const { status, headers, text } = await nar(server, path.hash);
    expect({ status, text }).toEqual({ status: 307, text: "" });
    const link = new URL(headers.location as string);
    expect(link.href.startsWith(`${endpoint}/cache/`)).toBe(true);
    expect(link.searchParams.get("X-Amz-Expires")).toBe("600");
    const got = await fetch(link);
    expect(got.status).toBe(200);
    expect(unzstd(Buffer.from(await got.arrayBuffer()))).toEqual(path.nar);
  });

  test("go up in parts when they are large", async () => {
    const chunking = { "nar-size-threshold": 0, "min-size": 16384, "avg-size": 65536, "max-size": 262144 };
    const server = await start({}, keys, { chunking });
    const path = newPath(randomBytes(9_000_000));
    const uploaded = await upload(server, infoOf("main", path), path.nar);
    expect(uploaded.status, server.log()).toBe(200);
    const got = await fetch((await nar(server, path.hash)).headers.location as string);
    expect(unzstd(Buffer.from(await got.arrayBuffer()))).toEqual(path.nar);
    const wrong = newPath(randomBytes(9_000_000));
    const before = inBucket();
    const info = infoOf("main", wrong, { nar_hash: `sha256:${"0".repeat(64)}` });
    expect((await upload(server, info, wrong.nar)).status).toBe(400);
    await eventually(inBucket).toEqual(before);
  }, 240_000);

  test.each([
    ["keys that are wrong", {}, { ...keys, AWS_SECRET_ACCESS_KEY: "wrong" }],
    ["no keys", {}, {}],
    ["a bucket that is not there", { bucket: "none" }, keys],
  ])("are an error with %s, and leave no row", async (_, more, variables) => {
    const server = await start(more, variables);
    const path = newPath(randomBytes(1000));
    const { status, json } = await upload(server, infoOf("main", path), path.nar);
    expect({ status, error: json.error }).toEqual({ status: 500, error: "InternalServerError" });
    expect((await ask(server, { path: "/" })).status).toBe(200);
    await eventually(() => postgres.sql("s3", "SELECT count(*) FROM chunk WHERE state = 'P'")).toEqual(["0"]);
  });

  test("are deleted from it when nothing refers to them", async () => {
    await ask(server, { method: "DELETE", path: "/_api/v1/cache-config/main", token: root });
    await eventually(() => postgres.sql("s3", "SELECT sum(holders_count) FROM chunk")).toEqual(["0"]);
    const toml = configuration(objects, { storage: storage() });
    const args = ["--mode", "garbage-collector-once"];
    const { code, log } = await runServer({ toml, args, env: { ...env, ...keys } });
    expect(code, log).toBe(0);
    expect(inBucket()).toEqual([]);
    expect(await postgres.sql("s3", "SELECT count(*) FROM chunk")).toEqual(["0"]);
  });
});

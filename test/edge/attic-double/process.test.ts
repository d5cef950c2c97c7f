import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childrenOf } from "../../support/processes.ts";
import { ask, download, infoOf, makeCache, newPath, root, upload } from "./client.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { missing, type Postgres, startPostgres } from "./postgres.ts";
import { configuration, type Given, newFolder, runServer, startServer } from "./server.ts";

describe.skipIf(missing)("the process", () => {
  let postgres: Postgres;
  let env: Record<string, string>;
  const runTo = (mode: string, given: Given = {}) =>
    runServer({ toml: configuration(newFolder()), args: ["--mode", mode], env, ...given });

  beforeAll(async () => {
    postgres = await startPostgres();
    env = await postgres.database("process");
    expect((await runTo("db-migrations")).code).toBe(0);
  });
  afterAll(async () => {
    await postgres?.stop();
  });

  describe("that migrates", () => {
    test("does it once", async () => {
      const fresh = await postgres.database("fresh");
      expect((await runTo("db-migrations", { env: fresh })).code).toBe(0);
      const versions = () => postgres.sql("fresh", "SELECT count(*) FROM seaql_migrations");
      expect(await versions()).toEqual(["15"]);
      expect((await runTo("db-migrations", { env: fresh })).code).toBe(0);
      expect(await versions()).toEqual(["15"]);
    });

    test("does all or nothing", async () => {
      const half = await postgres.database("half");
      // In the way of the last table.
      await postgres.sql("half", "CREATE TABLE chunkref (x text)");
      expect((await runTo("db-migrations", { env: half })).code).toBe(1);
      expect(
        await postgres.sql("half", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
      ).toEqual(["chunkref"]);
    });

    test("refuses a database of a later server", async () => {
      const later = await postgres.database("later");
      await runTo("db-migrations", { env: later });
      await postgres.sql("later", "INSERT INTO seaql_migrations VALUES ('m20990101_000001_more', 0)");
      const { code, log } = await runTo("db-migrations", { env: later });
      expect(code).toBe(1);
      expect(log).toContain("m20990101_000001_more");
    });

    test("is what the API waits for: it answers / before, and all else after", async () => {
      const empty = await postgres.database("empty");
      const server = await startServer({ env: empty });
      expect((await ask(server, { path: "/" })).status).toBe(200);
      expect((await ask(server, { path: "/main/nix-cache-info", token: root })).json.error).toBe(
        "InternalServerError",
      );
      expect((await runTo("garbage-collector-once", { env: empty })).code).toBe(1);
      await runTo("db-migrations", { env: empty });
      expect((await ask(server, { path: "/main/nix-cache-info", token: root })).json.error).toBe(
        "NoSuchCache",
      );
    });
  });

  describe("with its database", () => {
    const migrate = (changes: Record<string, string>) =>
      runTo("db-migrations", { env: { ...env, ...changes } });
    test.each<[string, Record<string, string>, number]>([
      ["with the authority that signed it", {}, 0],
      ["without one, as that is not among the public ones", { PGSSLROOTCERT: "" }, 1],
      ["by an address that the certificate does not have", { PGHOST: "127.0.0.1" }, 1],
      ["with an authority that is not there", { PGSSLROOTCERT: "/nowhere" }, 1],
      ["verify-ca, which the server does not survive", { PGSSLMODE: "verify-ca" }, 101],
      ["require, which verifies nothing", { PGSSLMODE: "require", PGHOST: "127.0.0.1" }, 0],
      ["prefer", { PGSSLMODE: "prefer", PGHOST: "127.0.0.1" }, 0],
      ["disable", { PGSSLMODE: "disable", PGHOST: "127.0.0.1" }, 0],
      ["a mode that nobody knows, which counts for none", { PGSSLMODE: "full" }, 0],

      ["another password", { PGPASSWORD: "x" }, 1],
      ["a database that is not there", { PGDATABASE: "none" }, 1],
      ["a URL that is none", { ATTIC_SERVER_DATABASE_URL: "nonsense" }, 1],
      ["options of the session", { PGOPTIONS: "-c statement_timeout=0" }, 0],
      ["options that PostgreSQL refuses", { PGOPTIONS: "-c nonsense=0" }, 1],
    ])("speaks by the rules of its client: %s", async (_, changes, code) => {
      const { code: found, log } = await migrate(changes);
      expect(found, log).toBe(code);
    });

    test("takes what the URL says before the environment, and parameters in it", async () => {
      const { PGPORT, PGSSLROOTCERT } = postgres.env;
      const to = (query: string) => `postgres://postgres:secret@localhost:${PGPORT}/process?${query}`;
      const wrong = {
        PGHOST: "nowhere",
        PGPORT: "1",
        PGUSER: "x",
        PGPASSWORD: "x",
        PGDATABASE: "x",
        PGSSLMODE: "disable",
      };
      const via = (url: string) =>
        runTo("db-migrations", { env: { ...wrong, ATTIC_SERVER_DATABASE_URL: url } });
      const full = `sslmode=verify-full&sslrootcert=${PGSSLROOTCERT}`;
      for (const query of [
        full,
        `${full}&connect_timeout=5`,
        `${full}&application_name=x&statement-cache-capacity=0`,
      ]) {
        const { code, log } = await via(to(query));
        expect(code, log).toBe(0);
      }
      expect((await via(to("sslmode=verify-full"))).code).toBe(1);
      expect((await via(to("sslmode=full"))).code).toBe(1);
    });

    test("holds ten connections at most", async () => {
      const server = await startServer({ env: { ...env, PGAPPNAME: "counted" } });
      await makeCache(server, "busy");
      const path = newPath(randomBytes(6_000_000));
      const counted = () =>
        postgres.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'");
      const seen: number[] = [];
      let going = true;
      const watching = (async () => {
        while (going) seen.push(Number((await counted())[0]));
      })();
      await Promise.all(
        Array.from({ length: 30 }, () => ask(server, { path: "/busy/nix-cache-info", token: root })),
      );
      await upload(server, infoOf("busy", path), path.nar);
      going = false;
      await watching;
      expect(Math.max(...seen)).toBeLessThanOrEqual(10);
      expect(Math.max(...seen)).toBeGreaterThan(1);
    });

    test("does not mind connections that were cut", async () => {
      const server = await startServer({ env: { ...env, PGAPPNAME: "cut" } });
      for (let n = 0; n < 3; n++) {
        expect((await ask(server, { path: "/none/nix-cache-info", token: root })).status).toBe(404);
        await postgres.sql(
          "postgres",
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'",
        );
      }
    });

    test("gives up on one that is not there after a while, and is there for / all the time", async () => {
      const nowhere = { ...env, PGPORT: String(await freePort()) };
      const server = await startServer({ env: nowhere });
      const waiting = ask(server, { path: "/main/nix-cache-info", token: root });
      const collecting = runTo("garbage-collector-once", { env: nowhere });
      const migrating = runTo("db-migrations", { env: nowhere });
      expect((await ask(server, { path: "/" })).status).toBe(200);
      expect((await waiting).json.error).toBe("InternalServerError");
      expect((await collecting).code).toBe(1);
      expect((await migrating).code).toBe(1);
    });
  });

  describe("that is told to end", () => {
    test.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])("by %s ends well", async (signal) => {
      for (const mode of ["api-server", "monolithic"]) {
        expect((await (await startServer({ env, mode })).stop(signal)).code).toBe(0);
      }
    });

    test("finishes what it has begun, and takes nothing new", async () => {
      const server = await startServer({ env });
      await makeCache(server, "last");
      const path = newPath(randomBytes(300_000));
      const sent = request({
        host: "127.0.0.1",
        port: server.port,
        method: "PUT",
        path: "/_api/v1/upload-path",
        headers: {
          authorization: `Bearer ${root}`,
          "x-attic-nar-info": JSON.stringify(infoOf("last", path)),
          "content-length": path.nar.length,
        },
      });
      const answered = once(sent, "response");
      sent.write(path.nar.subarray(0, 200_000));
      await eventually(() => postgres.sql("process", "SELECT count(*) FROM nar WHERE state = 'P'")).toEqual([
        "1",
      ]);
      const ended = server.stop();
      await eventually(() => ask(server, { path: "/" }).catch(({ code }) => code)).toBe("ECONNREFUSED");
      server.child.kill("SIGTERM");
      await setTimeout(200);
      expect(server.child.exitCode).toBeNull();
      sent.end(path.nar.subarray(200_000));
      const [response] = await answered;
      expect(response.statusCode).toBe(200);
      response.resume();
      expect((await ended).code).toBe(0);
      const next = await startServer({ env, folder: server.folder });
      expect(await download(next, "last", path)).toEqual(path.nar);
    });

    test("by SIGHUP does, too, but not well", async () => {
      const server = await startServer({ env });
      expect((await server.stop("SIGHUP")).code).toBeNull();
      expect(server.child.signalCode).toBe("SIGHUP");
    });

    const firstOf = async (parent: number) => {
      await eventually(() => childrenOf(parent)).toHaveLength(1);
      return (await childrenOf(parent))[0] as number;
    };
    const asFirst = ["unshare", "--pid", "--fork"];

    test.each(["db-migrations", "garbage-collector-once"])(
      "as the first of a container does not listen: %s",
      async (mode) => {
        const nowhere = { ...env, PGPORT: String(await freePort()) };
        const control = new AbortController();
        const pids: number[] = [];
        const ended = runTo(mode, {
          env: nowhere,
          under: asFirst,
          signal: control.signal,
          onStart: (pid) => pids.push(pid),
        });
        const first = await firstOf(pids[0] as number);
        await setTimeout(500);
        for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.kill(first, signal);
        await setTimeout(500);
        expect(() => process.kill(first, 0)).not.toThrow();
        expect((await ended).code).toBe(1);
      },
    );

    test("as the first of a container listens to SIGTERM alone when it serves", async () => {
      const server = await startServer({ env, under: asFirst });
      const first = await firstOf(server.child.pid as number);
      process.kill(first, "SIGHUP");
      await setTimeout(300);
      expect((await ask(server, { path: "/" })).status).toBe(200);
      const closed = once(server.child, "close");
      process.kill(first, "SIGTERM");
      expect((await closed)[0]).toBe(0);
    });
  });

  test("leaves no NAR and no hold of a client that went away", async () => {
    // Not the database of all: Attic's own leaves holds behind when it is told to end during an upload.
    const own = await postgres.database("own");
    expect((await runTo("db-migrations", { env: own })).code).toBe(0);
    const server = await startServer({ env: own });
    await makeCache(server, "gone");
    const path = newPath(randomBytes(2_000_000));
    const sent = request({
      host: "127.0.0.1",
      port: server.port,
      method: "PUT",
      path: "/_api/v1/upload-path",
      headers: {
        authorization: `Bearer ${root}`,
        "x-attic-nar-info": JSON.stringify(infoOf("gone", path)),
        "content-length": path.nar.length,
      },
    });
    sent.on("error", () => {});
    sent.write(path.nar.subarray(0, 1_500_000));
    await eventually(async () =>
      Number((await postgres.sql("own", "SELECT count(*) FROM chunkref"))[0]),
    ).toBeGreaterThan(8);
    sent.destroy();
    await eventually(() => postgres.sql("own", "SELECT count(*) FROM nar WHERE state = 'P'")).toEqual(["0"]);
    await eventually(() => postgres.sql("own", "SELECT sum(holders_count) FROM chunk")).toEqual(["0"]);
  });
});

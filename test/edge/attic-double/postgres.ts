import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { debianRoot } from "../../../live/images/debian.ts";
import { postgresqlPackages } from "../../../live/images/postgresql.ts";
import { hasApt } from "../../../live/requirements.ts";
import { run } from "../../../live/run.ts";
import { freePort } from "./ports.ts";

/** A PostgreSQL on loopback, over TLS with a certificate for `localhost` of an authority of its own. */
export interface Postgres {
  /** PG* of the superuser; without PGDATABASE. */
  env: Record<string, string>;
  /** Makes an empty database and gives the environment for it. */
  database(name: string): Promise<Record<string, string>>;
  /** Runs a statement and gives its rows, columns parted by `|`. */
  sql(database: string, statement: string): Promise<string[]>;
  stop(): Promise<void>;
}

const bin = "/usr/lib/postgresql/15/bin";
/** Whose files and process the server's are: nobody that PostgreSQL knows, and not root, which it refuses. */
const user = 26;

/** What there can be no PostgreSQL for here, and said so; undefined where there is one. */
export const missing: string | undefined = await found();
if (missing) console.warn(`Attic's double is not held to its specification: ${missing}`);

async function found(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it takes root to run the distribution's PostgreSQL from a folder";
  if (!hasApt()) return "PostgreSQL is the distribution's, of Debian or Ubuntu, and there is no apt here";
  // What fails from here on fails the tests: the machine can have it.
  await debianRoot("postgresql", postgresqlPackages);
  return undefined;
}

/** Starts one. It runs in a layer over the distribution's unpacked files, which nobody else sees. */
export async function startPostgres(): Promise<Postgres> {
  const root = await debianRoot("postgresql", postgresqlPackages);
  const folder = mkdtempSync(join(tmpdir(), "attic-double-postgres-"));
  const port = await freePort();
  const upper = join(folder, "upper");
  for (const each of ["upper/dev", "upper/tmp", "upper/data", "upper/etc", "work", "merged"]) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  chownSync(join(upper, "data"), user, user);
  writeFileSync(join(upper, "etc/passwd"), `postgres:x:${user}:${user}::/:/bin/sh\n`);
  writeFileSync(join(upper, "password"), "secret");
  certificates(upper);
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "ssl=on",
    "ssl_cert_file=/server.crt",
    "ssl_key_file=/server.key",
    "fsync=off",
    "max_connections=300",
  ];
  const script = `
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged"
    mount --rbind /dev "$2/merged/dev"
    cd "$2/merged"
    chroot --userspec=${user}:${user} . ${bin}/initdb -D /data -U postgres -A scram-sha-256 --pwfile=/password
    exec chroot --userspec=${user}:${user} . ${bin}/postgres -D /data ${settings.map((each) => `-c ${each}`).join(" ")}`;
  const child = spawn("unshare", ["--mount", "sh", "-ec", script, "sh", root, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const ended = once(child, "exit");
  const env = {
    PGHOST: "localhost",
    PGPORT: String(port),
    PGUSER: "postgres",
    PGPASSWORD: "secret",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: join(upper, "ca.crt"),
  };
  const sql = async (database: string, statement: string) => {
    const said = await run(join(root, bin, "psql"), ["-AtqX", "-v", "ON_ERROR_STOP=1", "-c", statement], {
      env: { ...env, PGDATABASE: database, LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") },
    });
    return said.split("\n").filter((line) => line !== "");
  };
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  while (!log.includes("ready to accept connections")) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`PostgreSQL does not start: ${log}`);
    }
    await setTimeout(50);
  }
  return {
    env,
    sql,
    stop,
    database: async (name) => {
      await sql("postgres", `CREATE DATABASE "${name}"`);
      return { ...env, PGDATABASE: name };
    },
  };
}

function certificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const made = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...made, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test");
  openssl("req", ...made, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost\n");
  const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    ...authority,
    "-extfile",
    "names",
    "-days",
    "2",
    "-out",
    "server.crt",
  );
  for (const file of ["server.key", "server.crt"]) chownSync(join(folder, file), user, user);
}

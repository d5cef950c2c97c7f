import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { stringify } from "smol-toml";
import { afterAll } from "vitest";
import { atticDoubleBinary } from "../../../live/attic-double/binary.ts";
import { testKey } from "../../support/keys.ts";
import { freePort } from "./ports.ts";
import type { Postgres } from "./postgres.ts";

// The specification is the same for two servers: the double, and with ATTICD=/path/to/atticd the real one, which
// shows that what is asked of the double is what Attic does.

/** The path of the server that is asked. */
export const atticd: string = process.env.ATTICD || (await atticDoubleBinary());
/** Whether that is Attic's own. */
export const isReal = Boolean(process.env.ATTICD);

export type Table = { [key: string]: unknown };

/** Tokens are signed with it. */
export const signingKey = testKey("attic-double");
export const base64 = (text: string) => Buffer.from(text).toString("base64");

/** How a process ended, and all that it said. */
export interface Ended {
  code: number | null;
  log: string;
}

/** A server that runs. */
export interface Server {
  port: number;
  /** Its own folder: `store` in it has the chunks. */
  folder: string;
  child: ChildProcess;
  log(): string;
  /** Tells it to end, and waits. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** A configuration that is complete, with chunks in a folder; tables that are given replace those of the same name. */
export const configuration = (folder: string, changes: Table = {}): string =>
  stringify({
    database: {},
    storage: { type: "local", path: join(folder, "store") },
    chunking: { "nar-size-threshold": 65536, "min-size": 16384, "avg-size": 65536, "max-size": 262144 },
    "garbage-collection": { interval: "0s" },
    ...changes,
  });

const folders: string[] = [];
const running = new Map<ChildProcess, Promise<unknown>>();
// Registered before the hooks of the file that imports this, so it comes after them.
afterAll(async () => {
  for (const child of running.keys()) child.kill("SIGKILL");
  await Promise.all(running.values());
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the tests are. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "attic-double-"));
  folders.push(folder);
  return folder;
}

/** The environment of every run: nothing of the person's own but PATH. */
const environment = (folder: string, env: Record<string, string>) => ({
  PATH: process.env.PATH ?? "",
  HOME: folder,
  NO_COLOR: "1",
  ATTIC_SERVER_DATABASE_URL: "postgresql://",
  ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64: base64(signingKey.publicKeyPem),
  ...env,
});

/** What a run is given. */
export interface Given {
  folder?: string;
  /** The text of the file; `args` alone count when undefined. */
  toml?: string;
  args?: readonly string[];
  /** Instead of those of every run; an empty one stands for none. */
  env?: Record<string, string>;
  /** Variables that are not there at all. */
  without?: readonly string[];
  /** In front of the program. */
  under?: readonly string[];
  /** Tells it to end, as Kubernetes does. */
  signal?: AbortSignal;
  /** Told the process's id. */
  onStart?(pid: number): void;
}

function launch(given: Given) {
  const { folder = newFolder(), toml, args = [], env = {}, without = [], under = [], signal } = given;
  const file = join(folder, "server.toml");
  if (toml !== undefined) writeFileSync(file, toml);
  const variables: NodeJS.ProcessEnv = environment(folder, env);
  for (const name of without) delete variables[name];
  const command = [...under, atticd, ...(toml === undefined ? [] : ["-f", file]), ...args];
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: folder,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
  });
  given.onStart?.(child.pid as number);
  signal?.addEventListener("abort", () => child.kill("SIGTERM"));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, log }));
  running.set(child, ended);
  void ended.finally(() => running.delete(child));
  return { folder, child, ended, log: () => log };
}

/** Runs it to its end. */
export const runServer = (given: Given): Promise<Ended> => launch(given).ended;

/** Starts it and waits until it listens. It ends with the tests, unless it is told to before. */
export async function startServer(given: Given & { mode?: string; changes?: Table }): Promise<Server> {
  const port = await freePort();
  const folder = given.folder ?? newFolder();
  const { child, ended, log } = launch({
    ...given,
    folder,
    toml: given.toml ?? configuration(folder, { listen: `127.0.0.1:${port}`, ...given.changes }),
    args: ["--mode", given.mode ?? "api-server", ...(given.args ?? [])],
  });
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`it does not start: ${log()}`);
    await setTimeout(20);
  }
  return {
    port,
    folder,
    child,
    log,
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/**
 * A database of its own with the server's tables.
 * @returns the environment of servers that work on it
 */
export async function migratedDatabase(postgres: Postgres, name: string): Promise<Record<string, string>> {
  const env = await postgres.database(name);
  const toml = configuration("/nowhere");
  const { code, log } = await runServer({ toml, args: ["--mode", "db-migrations"], env });
  if (code !== 0) throw new Error(`the migrations ended with ${code}: ${log}`);
  return env;
}

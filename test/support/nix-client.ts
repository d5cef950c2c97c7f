import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The token that the stand-in for the server takes. */
export const goodToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjaS9naXRsYWItbWFpbiJ9.c2lnbmF0dXJl-_";

/** A path in the store. */
export const storePath = (name: string) => `/nix/store/${"0123456789abcdfghijklmnpqrsvwxyz"}-${name}`;

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null;
  /** Standard output and error, as a job's log has them. */
  log: string;
}

/** A machine with stand-ins for Nix and for Attic's client, which behave as the real ones were read to. */
export interface NixClient {
  /** Where the stand-ins keep what they saw, and are told what to do. */
  folder: string;
  /** PATH, with the stand-ins first. */
  environment: NodeJS.ProcessEnv;
  /** Tells the stand-ins something, by a file. */
  tell(file: string, text?: string): void;
  /** What a stand-in wrote; empty when it wrote nothing. */
  read(file: string): string;
  /** The same, by lines. */
  lines(file: string): string[];
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], how?: RunOptions): Promise<Ended>;
  /** What was left behind among the temporary files. */
  leftBehind(): Promise<string[]>;
  remove(): void;
}

/** How a program is run. */
export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Piped in. @default nothing */
  input?: string;
  /** Called with the pid, as soon as it runs. */
  started?(pid: number): void;
}

const standIns = join(import.meta.dirname, "nix-client");

/**
 * Makes a machine whose store has one path, and where a build adds two.
 * @param attic whether Attic's client is on PATH already
 */
export function nixClient({ attic = true } = {}): NixClient {
  const folder = mkdtempSync(join(tmpdir(), "nix-client-"));
  const temporary = join(folder, "tmp");
  const bin = join(folder, "bin");
  for (const each of [temporary, bin, join(folder, "client", "bin")]) mkdirSync(each, { recursive: true });
  cpSync(join(standIns, "nix"), join(bin, "nix"));
  cpSync(join(standIns, "look"), join(folder, "look"));
  cpSync(join(standIns, "attic"), join(folder, "client", "bin", "attic"));
  if (attic) cpSync(join(standIns, "attic"), join(bin, "attic"));
  const tell: NixClient["tell"] = (file, text = "") => writeFileSync(join(folder, file), text);
  const read: NixClient["read"] = (file) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  tell("token", goodToken);
  tell("store", `${storePath("there-before")}\n`);
  tell("builds", [storePath("lib-1"), storePath("app-1"), ""].join("\n"));
  const environment = {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    HOME: folder,
    TMPDIR: temporary,
    FAKE: folder,
    ATTIC_RETRY_PAUSE: "0",
  };
  return {
    folder,
    environment,
    tell,
    read,
    lines: (file) => read(file).split("\n").filter(Boolean),
    run: (program, args, { env = {}, cwd = folder, input = "", started } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { cwd, env: { ...environment, ...env } });
        let log = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8").on("data", (text: string) => {
            log += text;
          });
        }
        // A program that reads nothing may be gone before it was given anything.
        child.stdin.on("error", () => {});
        child.stdin.end(input);
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, log }));
        if (child.pid !== undefined) started?.(child.pid);
      }),
    leftBehind: () => readdir(temporary),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

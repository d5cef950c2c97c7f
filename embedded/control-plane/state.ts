import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, type ProcessIdentity } from "./process.ts";

/** What a control plane that is up says of itself: the content of ready.json. */
export interface Readiness extends ProcessIdentity {
  /** Like "https://127.0.0.1:40123". */
  readonly server: string;
  /** The administrator's, with a client certificate; mode 0600. */
  readonly kubeconfig: string;
  readonly nodes: number;
  /** Of Kubernetes, like "v1.36.3". */
  readonly version: string;
  /** From its start until it was ready. */
  readonly seconds: number;
}

/** The supervisor that holds a state directory, ready or not, if it lives. */
export async function findSupervisor(stateDir: string): Promise<ProcessIdentity | undefined> {
  return living(await readJson<ProcessIdentity>(join(stateDir, "lock")));
}

/** What the control plane of a state directory says of itself, if it is up and lives. */
export async function findReady(stateDir: string): Promise<Readiness | undefined> {
  return living(await readJson<Readiness>(join(stateDir, "ready.json")));
}

/** The pid of one part ("kube-apiserver", "etcd", …) of a running control plane. */
export async function partPid(stateDir: string, part: string): Promise<number> {
  return Number(await readFile(join(stateDir, "run", `${part}.pid`), "utf8"));
}

/** The last lines of a file, for an error message. */
export async function lastLines(path: string, count: number): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** What a file says of a process, if that process lives. */
export async function living<T extends ProcessIdentity>(found: T | undefined): Promise<T | undefined> {
  return found && (await isAlive(found)) ? found : undefined;
}

/** What a file holds; undefined when it is not there, or not whole. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  // Missing, empty and cut off all mean that nobody is there.
  return readFile(path, "utf8")
    .then((text) => JSON.parse(text) as T)
    .catch(() => undefined);
}

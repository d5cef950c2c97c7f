/** Finds the cluster to talk to, as kubectl would. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Settings } from "./config.ts";

/** How to reach an API server. */
export interface Connection {
  readonly server: string;
  readonly namespace: string;
  readonly tls: {
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  readonly authorization?: string;
}

type Entry = Record<string, unknown>;
interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context?: Entry }[];
  clusters?: { name: string; cluster?: Entry }[];
  users?: { name: string; user?: Entry }[];
}

/**
 * Reads the connection from the settings' kubeconfig, $KUBECONFIG or ~/.kube/config.
 *
 * @throws with one line saying what is missing and where it was looked for.
 */
export async function loadConnection(settings: Settings, env: NodeJS.ProcessEnv): Promise<Connection> {
  const { cluster, user, context, base } = select(settings, env);
  const exec = user.exec === undefined ? NO_CREDENTIAL : await execCredential(user.exec as ExecConfig, base);
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: settings.namespace ?? ((context.namespace as string | undefined) || "default"),
    tls: {
      ca: material(cluster, "certificate-authority", base),
      cert: exec.cert ?? material(user, "client-certificate", base),
      key: exec.key ?? material(user, "client-key", base),
      servername: cluster["tls-server-name"] as string | undefined,
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
    authorization: authorization(user, exec.token, base),
  };
}

/** The address of the cluster the settings select, or undefined if they select none. */
export function activeServer(settings: Settings, env: NodeJS.ProcessEnv): string | undefined {
  try {
    return select(settings, env).cluster.server;
  } catch {
    return undefined;
  }
}

/** The entries of the selected context. */
function select(settings: Settings, env: NodeJS.ProcessEnv) {
  const { text, source } = readKubeconfig(settings.kubeconfig, env);
  const base = existsSync(source) ? dirname(resolve(source)) : process.cwd();
  const config = parse(text, source);

  const wanted = settings.context ?? config["current-context"];
  if (!wanted) throw new Error(`${source} has no current-context; set one, or the provider's "context"`);
  const context = config.contexts?.find(({ name }) => name === wanted)?.context;
  if (context === undefined) {
    const names = config.contexts?.map(({ name }) => name).join(", ");
    throw new Error(`${source} has no context "${wanted}" (it has: ${names || "none"})`);
  }
  const clusterName = settings.cluster ?? context.cluster;
  const cluster = config.clusters?.find(({ name }) => name === clusterName)?.cluster;
  if (typeof cluster?.server !== "string") {
    throw new Error(`${source}: cluster "${String(clusterName)}" of context "${wanted}" has no server`);
  }
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {};
  return {
    cluster: { ...cluster, server: cluster.server } as Entry & { server: string },
    user,
    context,
    base,
  };
}

function readKubeconfig(given: string | undefined, env: NodeJS.ProcessEnv): { text: string; source: string } {
  if (given?.includes("\n") || given?.trimStart().startsWith("{")) {
    return { text: given, source: "the provider's kubeconfig" };
  }
  // Of several files in $KUBECONFIG the first that exists is taken: merging them is kubectl's own art.
  const fallback = env.KUBECONFIG || join(homedir(), ".kube", "config");
  const paths = given === undefined ? fallback.split(delimiter).filter(Boolean) : [expandHome(given)];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no kubeconfig: ${paths.join(", ")} does not exist`);
  return { text: readFileSync(path, "utf8"), source: path };
}

function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function parse(text: string, source: string): Kubeconfig {
  try {
    return JSON.parse(text) as Kubeconfig;
  } catch {
    // Only YAML needs the parser, which takes longer to load than the rest of this file to run.
    const yaml = createRequire(import.meta.url)("yaml") as typeof import("yaml");
    try {
      return (yaml.parse(text) ?? {}) as Kubeconfig;
    } catch (error) {
      throw new Error(`${source} is not a kubeconfig: ${(error as Error).message.split("\n")[0]}`);
    }
  }
}

function material(entry: Entry, key: string, base: string): Buffer | undefined {
  const data = entry[`${key}-data`];
  if (typeof data === "string" && data !== "") return Buffer.from(data, "base64");
  const path = entry[key];
  return typeof path === "string" && path !== "" ? readFileSync(resolve(base, path)) : undefined;
}

function authorization(user: Entry, execToken: string | undefined, base: string): string | undefined {
  const file = user.tokenFile;
  const token =
    execToken ?? (typeof file === "string" ? readFileSync(resolve(base, file), "utf8").trim() : user.token);
  if (typeof token === "string" && token !== "") return `Bearer ${token}`;
  const { username, password } = user;
  if (typeof username !== "string") return undefined;
  return `Basic ${Buffer.from(`${username}:${String(password ?? "")}`).toString("base64")}`;
}

interface Credential {
  token?: string;
  cert?: Buffer;
  key?: Buffer;
}

const NO_CREDENTIAL: Credential = {};

interface ExecConfig {
  command: string;
  apiVersion?: string;
  args?: string[];
  env?: { name: string; value: string }[];
}

/** Runs a credential plugin such as `aws eks get-token`. */
async function execCredential(exec: ExecConfig, base: string): Promise<Credential> {
  const env = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  const info = { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  try {
    const { stdout } = await promisify(execFile)(exec.command, exec.args ?? [], {
      cwd: base,
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    const { status = {} } = JSON.parse(stdout) as { status?: Record<string, string> };
    const pem = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text));
    return {
      token: status.token,
      cert: pem(status.clientCertificateData),
      key: pem(status.clientKeyData),
    };
  } catch (error) {
    // The first line only: a plugin's output may carry credentials.
    throw new Error(`credential plugin "${exec.command}" failed: ${(error as Error).message.split("\n")[0]}`);
  }
}

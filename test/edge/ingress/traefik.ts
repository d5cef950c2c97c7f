import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { renderProgress } from "../../../embedded/toolchain/index.ts";
import { traefikBinary } from "../../../embedded/traefik/binary.ts";

/** A running Traefik. */
export interface Traefik {
  /** The port of each entry point on the loopback. */
  readonly ports: Readonly<Record<string, number>>;
  /** Its metrics, as Prometheus gets them. */
  metrics(): Promise<string>;
  /** All that it has logged. */
  log(): string;
  /** Its memory now, in MiB. */
  residentMiB(): Promise<number>;
  stop(): Promise<void>;
}

/** How Traefik is started. */
export interface TraefikOptions {
  /** Whose objects it serves. */
  kubeconfig: string;
  namespaces: readonly string[];
  /** Entry points beside the metrics'. */
  entryPoints: readonly string[];
  /** More of its static configuration, as arguments. */
  args: readonly string[];
  /** @default "DEBUG" */
  logLevel?: string;
}

/** Builds the real Traefik if need be, and starts it on free ports of the loopback. */
export async function startTraefik(options: TraefikOptions): Promise<Traefik> {
  const { kubeconfig, namespaces, entryPoints, args, logLevel = "DEBUG" } = options;
  const { listener, end } = renderProgress();
  const binary = await traefikBinary(listener).finally(end);
  const names = [...entryPoints, "metrics"];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index] as number]));
  const child = spawn(
    binary,
    [
      ...names.map((name) => `--entryPoints.${name}.address=127.0.0.1:${ports[name]}`),
      "--global.checkNewVersion=false",
      "--global.sendAnonymousUsage=false",
      `--log.level=${logLevel}`,
      "--ping.entryPoint=metrics",
      "--metrics.prometheus.entryPoint=metrics",
      `--providers.kubernetesCRD.namespaces=${namespaces.join(",")}`,
      // The stub is found by name: endpoints on the loopback are refused by the API server.
      "--providers.kubernetesCRD.allowExternalNameServices=true",
      ...args,
    ],
    { env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = collect(child);
  const url = `http://127.0.0.1:${ports.metrics}`;
  await untilUp(child, `${url}/ping`, log);
  return {
    ports,
    log,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    async residentMiB() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function untilUp(child: ChildProcess, ping: string, log: () => string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`Traefik ended at once:\n${log().slice(-5000)}`);
    if (
      await fetch(ping).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  child.kill("SIGKILL");
  throw new Error(`Traefik did not come up within 20 s:\n${log().slice(-5000)}`);
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

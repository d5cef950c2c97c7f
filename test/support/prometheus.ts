import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { prometheusBinary } from "../../embedded/prometheus/binary.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import type { PlainGroup } from "./promtool.ts";

/** A running Prometheus. */
export interface Prometheus {
  /**
   * What a query gives.
   * @param at the moment that is asked about, in seconds since 1970. @default now
   * @throws Error with Prometheus' complaint
   */
  query(expr: string, at?: number): Promise<Sample[]>;
  /** The alerts that are pending or firing. */
  alerts(): Promise<ActiveAlert[]>;
  /** Rules whose last evaluation failed, with why. */
  failedRules(): Promise<string[]>;
  /** All that it has logged. */
  log(): string;
  stop(): Promise<void>;
}

/** A series' value now. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** An alert as Prometheus shows it. */
export interface ActiveAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
}

/** How Prometheus is started. It scrapes and evaluates every second. */
export interface PrometheusOptions {
  /** Rules, by a name of their file's. The groups' own intervals do not count. */
  rules: Record<string, readonly PlainGroup[]>;
  /** What it scrapes: ports on the loopback, by job, and the labels that scraping adds. */
  targets: Record<string, { port: number; labels?: Record<string, string> }>;
}

/** Builds the real Prometheus if need be, and starts it on a free port of the loopback. */
export async function startPrometheus({ rules, targets }: PrometheusOptions): Promise<Prometheus> {
  const { listener, end } = renderProgress();
  const binary = await prometheusBinary("prometheus", listener).finally(end);
  const directory = await mkdtemp(join(tmpdir(), "attic-prometheus-"));
  for (const [name, groups] of Object.entries(rules)) {
    const everySecond = groups.map(({ interval: _, ...group }) => group);
    await writeFile(join(directory, `${name}.rules.yaml`), stringify({ groups: everySecond }));
  }
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [join(directory, "*.rules.yaml")],
    scrape_configs: Object.entries(targets).map(([job, { port, labels = {} }]) => ({
      job_name: job,
      static_configs: [{ targets: [`127.0.0.1:${port}`], labels }],
    })),
  };
  await writeFile(join(directory, "prometheus.yaml"), stringify(config));
  const child = spawn(
    binary,
    [
      `--config.file=${join(directory, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      // It takes a free port and logs which.
      "--web.listen-address=127.0.0.1:0",
    ],
    { env: { PATH: process.env.PATH }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = collect(child);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(directory, { recursive: true, force: true });
  };
  const url = await untilReady(child, log).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    log,
    stop,
    async query(expr, at) {
      const time: Record<string, string> = at === undefined ? {} : { time: String(at) };
      const { result } = await get<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `${url}/api/v1/query?${new URLSearchParams({ query: expr, ...time })}`,
      );
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async alerts() {
      return (await get<{ alerts: ActiveAlert[] }>(`${url}/api/v1/alerts`)).alerts;
    },
    async failedRules() {
      const { groups } = await get<{ groups: { rules: { name: string; lastError?: string }[] }[] }>(
        `${url}/api/v1/rules`,
      );
      return groups
        .flatMap((group) => group.rules)
        .filter(({ lastError }) => lastError)
        .map(({ name, lastError }) => `${name}: ${lastError}`);
    },
  };
}

async function get<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; error?: string; data: T };
  if (answer.status !== "success") throw new Error(`Prometheus: ${answer.error}`);
  return answer.data;
}

async function untilReady(child: ChildProcess, log: () => string): Promise<string> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`Prometheus ended at once:\n${log().slice(-5000)}`);
    const address = /msg="Listening on" .*address=(\S+)/.exec(log())?.[1];
    const ready =
      address &&
      (await fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ));
    if (ready) return `http://${address}`;
    await sleep(100);
  }
  throw new Error(`Prometheus was not ready within 20 s:\n${log().slice(-5000)}`);
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

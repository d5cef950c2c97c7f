import { ground, kubectl } from "../../nodes/index.ts";
import type { LivePaths } from "../../paths.ts";
import { namespace, services } from "./names.ts";

/** A series' value now. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** An alert as Prometheus has it. */
export interface ActiveAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
  /** Since when its condition holds, as ISO 8601. */
  activeAt: string;
}

/** What Prometheus scrapes. */
export interface Target {
  /** The monitor and its endpoint, like `podMonitor/monitoring/traefik/0`. */
  pool: string;
  url: string;
  labels: Record<string, string>;
  up: boolean;
  /** Why not, or empty. */
  error: string;
}

/** A rule that Prometheus evaluates. */
export interface LoadedRule {
  /** The file that the operator made of a PrometheusRule: `<namespace>-<name>-<uid>.yaml`. */
  file: string;
  group: string;
  name: string;
  health: "ok" | "err" | "unknown";
  /** Why not, or empty. */
  error: string;
}

/**
 * What a query of PromQL gives now; from outside, through the API server.
 * @throws Error with Prometheus' complaint, or kubectl's when there is no Prometheus
 */
export async function query(paths: LivePaths, promql: string): Promise<Sample[]> {
  const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    paths,
    `query?${new URLSearchParams({ query: promql })}`,
  );
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** The alerts that are pending or firing. */
export const alerts = async (paths: LivePaths): Promise<ActiveAlert[]> =>
  (await ask<{ alerts: ActiveAlert[] }>(paths, "alerts")).alerts;

/** Everything that is scraped. */
export async function targets(paths: LivePaths): Promise<Target[]> {
  const { activeTargets } = await ask<{
    activeTargets: {
      scrapePool: string;
      scrapeUrl: string;
      labels: Record<string, string>;
      health: string;
      lastError: string;
    }[];
  }>(paths, "targets?state=active");
  return activeTargets.map(({ scrapePool, scrapeUrl, labels, health, lastError }) => ({
    pool: scrapePool,
    url: scrapeUrl,
    labels,
    up: health === "up",
    error: lastError,
  }));
}

/** Every rule, in the order of its group. */
export async function rules(paths: LivePaths): Promise<LoadedRule[]> {
  const { groups } = await ask<{
    groups: { file: string; name: string; rules: { name: string; health: string; lastError?: string }[] }[];
  }>(paths, "rules");
  return groups.flatMap(({ file, name: group, rules }) =>
    rules.map(({ name, health, lastError }) => ({
      file: file.split("/").at(-1) as string,
      group,
      name,
      health: health as LoadedRule["health"],
      error: lastError ?? "",
    })),
  );
}

/** The types of all metrics that the targets declare, with or without a series, by name. */
export async function declared(paths: LivePaths): Promise<Record<string, string>> {
  const metrics = await ask<Record<string, { type: string }[]>>(paths, "metadata");
  return Object.fromEntries(Object.entries(metrics).map(([name, [first]]) => [name, first?.type ?? ""]));
}

async function ask<T>(paths: LivePaths, path: string): Promise<T> {
  const namespaces = await ground(paths);
  if (!namespaces) throw new Error("the ground is not there");
  const through = `/api/v1/namespaces/${namespace}/services/${services.prometheus}:web/proxy/api/v1`;
  const answer = JSON.parse(await kubectl(paths, namespaces, ["get", "--raw", `${through}/${path}`])) as {
    status: string;
    error?: string;
    data: T;
  };
  if (answer.status !== "success") throw new Error(`Prometheus: ${answer.error}`);
  return answer.data;
}

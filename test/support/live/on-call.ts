import { alerts, notifications, query } from "../../../live/platform/monitoring/index.ts";
import { paths } from "./world.ts";

/** The alerts that fire now, each once. */
export async function firing(): Promise<string[]> {
  const active = await alerts(paths);
  const names = active
    .filter(({ state }) => state === "firing")
    .map(({ labels }) => labels.alertname as string);
  return [...new Set(names)].sort();
}

/** An alert of which the person on call was told. Times in milliseconds since 1970. */
export interface Told {
  alert: string;
  severity: string;
  /** When it came that it fires. */
  at: number;
  /** When it came that it is over; undefined as long as it is not. */
  over?: number;
}

/** What the person on call was told that fires, since a moment: each alert's first time, and when it was over after it. */
export async function toldSince(moment: number): Promise<Told[]> {
  const told = new Map<string, Told>();
  for (const { at, alerts: each } of await notifications(paths)) {
    const came = Date.parse(at);
    for (const { status, labels } of each) {
      const { alertname: alert = "", severity = "" } = labels;
      const before = told.get(alert);
      if (status === "firing" && came >= moment && !before) told.set(alert, { alert, severity, at: came });
      if (status === "resolved" && before && came >= before.at) before.over = came;
    }
  }
  return [...told.values()];
}

/** A number that Prometheus computes; 0 where it has none. */
export const figure = async (promql: string): Promise<number> => (await query(paths, promql))[0]?.value ?? 0;

import { expect } from "vitest";
import { toldSince } from "./on-call.ts";
import { type Figure, record } from "./report.ts";
import { type RowFigures, startRows } from "./rows.ts";
import { type Figures, startTraffic } from "./traffic/index.ts";
import { routes } from "./traffic/work.ts";
import { until } from "./world.ts";

/** What came of writing and reading while something happened. */
export interface UnderLoad {
  rows: RowFigures;
  traffic: Figures;
}

/** How long requests have to go well again before it is over, in seconds. */
const settled = 15;

/**
 * Has rows inserted, and paths uploaded and downloaded through the ingress, before, during and after something that
 * happens to the database; and records how long nothing got through, and what failed.
 * @param scenario where the figures go
 * @param node where the rows are inserted from: one to which nothing happens
 */
export async function underLoad(
  scenario: string,
  node: string,
  happens: () => Promise<void>,
): Promise<UnderLoad> {
  const begun = Date.now();
  const writing = await startRows(node);
  const requests = await startTraffic({ pushes: 2, pulls: 2, size: 20_000 });
  let rows: RowFigures;
  let traffic: Figures;
  try {
    await until("rows are inserted", 60, async () => writing.acknowledged() > 20);
    await happens();
    const before = writing.acknowledged();
    await until("rows are inserted again", 240, async () => writing.acknowledged() > before + 20);
    await new Promise((resolve) => setTimeout(resolve, settled * 1000));
  } finally {
    [traffic, rows] = await Promise.all([requests.stop(), writing.stop()]);
  }
  const told = (await toldSince(begun)).map(({ alert }) => alert).sort();
  record(scenario, ...figuresOf(rows, traffic), {
    what: `alerts that somebody was told of: ${told.join(", ") || "none"}`,
    value: told.length,
    unit: "times",
  });
  return { rows, traffic };
}

/** Rows were written and paths uploaded, and every one that was acknowledged is still there. */
export function expectNothingLost({ rows, traffic }: UnderLoad): void {
  expect(rows.acknowledged).toBeGreaterThan(40);
  expect(rows.lost).toEqual([]);
  expect(traffic.acknowledged).toBeGreaterThan(10);
  expect(traffic.lost).toEqual([]);
}

function figuresOf(rows: RowFigures, { routes: by, acknowledged, lost }: Figures): Figure[] {
  const failed = routes.flatMap((route) =>
    by[route].failures.map(({ why }) => `${names[route]}: ${kind(why)}`),
  );
  return [
    { what: "longest gap between two acknowledged rows", value: rows.longestGap, unit: "s" },
    { what: "acknowledged rows", value: rows.acknowledged, unit: "rows" },
    { what: "acknowledged rows that were lost", value: rows.lost.length, unit: "rows" },
    ...counted(Object.entries(rows.failures).flatMap(([why, times]) => Array<string>(times).fill(why))).map(
      ([why, times]): Figure => ({
        what: `connections that ended or were refused: ${why}`,
        value: times,
        unit: "times",
      }),
    ),
    { what: "longest gap between two acknowledged uploads", value: by.push.longestGap, unit: "s" },
    { what: "longest upload", value: by.push.longest / 1000, unit: "s" },
    { what: "acknowledged uploads", value: acknowledged, unit: "requests" },
    { what: "acknowledged uploads that were lost", value: lost.length, unit: "requests" },
    ...counted(failed).map(
      ([why, times]): Figure => ({ what: `failed requests, ${why}`, value: times, unit: "requests" }),
    ),
  ];
}

const names = { push: "uploads", narinfo: "narinfos", nar: "NARs" } as const;

/** Of a failure: the status, or what kept the request from being answered. */
const kind = (why: string): string => /^\d{3}\b/.exec(why)?.[0] ?? why.slice(0, 60);

function counted(each: readonly string[]): [string, number][] {
  const times = new Map<string, number>();
  for (const one of each) times.set(one, (times.get(one) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a);
}

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { record } from "./report.ts";
import { type Figures, startTraffic } from "./traffic/index.ts";
import { routes, type Work } from "./traffic/work.ts";

/**
 * What clients that push and pull all the while noticed of some work. How long it took, and what failed, goes into the
 * report, also when the work itself fails.
 * @param what the work is, in words
 */
export async function underTraffic(
  scenario: string,
  what: string,
  work: () => Promise<unknown>,
  traffic: Partial<Work> = {},
): Promise<Figures> {
  const clients = await startTraffic({ pushes: 2, pulls: 4, size: 50_000, ...traffic });
  const begun = performance.now();
  let figures: Figures;
  try {
    await work();
  } finally {
    const seconds = (performance.now() - begun) / 1000;
    // What an ending pod held to its last moment is seen only after it.
    await sleep(1000);
    figures = await clients.stop();
    const requests = routes.reduce((sum, route) => sum + figures.routes[route].requests, 0);
    const gap = Math.max(...routes.map((route) => figures.routes[route].longestGap));
    record(
      scenario,
      { what: `${what}: until it was over`, value: seconds, unit: "s" },
      { what: `${what}: requests meanwhile`, value: requests, unit: "requests" },
      { what: `${what}: requests that failed`, value: failures(figures).length, unit: "requests" },
      {
        what: `${what}: longest time without an upload, or a download, that succeeded`,
        value: gap,
        unit: "s",
      },
    );
    for (const failure of failures(figures).slice(0, 10)) console.log(`${scenario}: ${what}: ${failure}`);
  }
  return figures;
}

/** Every request that was not answered with success, with when and why. */
export const failures = (figures: Figures): string[] =>
  routes.flatMap((route) =>
    figures.routes[route].failures.map(({ at, why }) => `${route} after ${at.toFixed(1)} s: ${why}`),
  );

/** No request failed, and nothing that was acknowledged is lost. */
export function expectNothingNoticed(figures: Figures): void {
  expect(failures(figures)).toEqual([]);
  expect(figures.lost).toEqual([]);
  expect(figures.acknowledged).toBeGreaterThan(3);
}

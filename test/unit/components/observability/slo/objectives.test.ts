import { describe, expect, test } from "vitest";
import { buckets } from "../../../../../components/ingress/requirements.ts";
import {
  errorRateTargets,
  failed,
  type Objective,
  objective,
  objectives,
  sloLabels,
  verySlow,
} from "../../../../../components/observability/slo/objectives.ts";

describe("the objectives", () => {
  test("promise what the cache promises", () => {
    expect(objectives.map(({ slo, percent, period }) => [slo, percent, period])).toEqual([
      ["availability", 99.9, "30d"],
      ["availability-7d", 99.9, "7d"],
      ["availability-1d", 99.5, "1d"],
      ["latency-cache-hit", 99, "30d"],
      ["latency-cache-info", 99, "30d"],
      ["latency-cache-miss", 99, "30d"],
      ["latency-upload", 99, "30d"],
    ]);
    expect(errorRateTargets.map(({ window, percent }) => [window, percent])).toEqual([
      ["5m", 0.1],
      ["1h", 0.05],
      ["1d", 0.01],
    ]);
  });

  test("on availability are all of the same requests", () => {
    const slos = ["availability", "availability-7d", "availability-1d"] as const;
    for (const slo of slos) expect(objective(slo).indicator).toBe(failed);
  });

  test("on availability leave out what no client of a cache asks for", () => {
    expect(failed.routes).not.toContain("other");
  });

  test.each([
    ["latency-cache-hit", "narinfo", "2..", 0.5],
    ["latency-cache-info", "cacheInfo", "2..", 0.2],
    ["latency-cache-miss", "narinfo", "404", 1],
    ["latency-upload", "upload", "2..", 30],
  ] as const)("%s is of %s answered with %s, within %d s", (slo, route, answered, afterSeconds) => {
    expect(objective(slo).indicator).toEqual({ routes: [route], answered, bad: { afterSeconds } });
  });

  test("on latency leave out NARs, whose time is that of their size", () => {
    const latency: Objective[] = objectives.filter(({ slo }) => slo.startsWith("latency"));
    expect(latency.flatMap(({ indicator }) => indicator.routes)).not.toContain("nar");
  });

  test("and the limit for everything that is looked up have thresholds that the histogram has", () => {
    const all: Objective["indicator"][] = [...objectives.map(({ indicator }) => indicator), verySlow];
    const thresholds = all.flatMap(({ bad }) => ("afterSeconds" in bad ? [bad.afterSeconds] : []));
    expect(thresholds.length).toBeGreaterThan(0);
    for (const threshold of thresholds) expect(buckets).toContain(threshold);
  });

  test("over a month have alerts, and only those", () => {
    for (const each of objectives as readonly Objective[]) {
      expect(each.alerts !== undefined, each.slo).toBe(each.period === "30d");
    }
  });
});

test("the labels of an objective tell two stacks of one Prometheus apart", () => {
  expect(sloLabels("nix-cache", objective("availability"))).toEqual({
    sloth_id: "nix-cache-attic-availability",
    sloth_service: "nix-cache-attic",
    sloth_slo: "availability",
  });
});

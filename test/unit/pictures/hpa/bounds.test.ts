import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { bounds, changes } from "../../../../pictures/hpa/bounds.ts";
import { readRecording } from "../../../../pictures/hpa/index.ts";
import { demandAt, shareOf } from "../../../../pictures/hpa/load.ts";
import { settingsOf } from "../../../../pictures/hpa/recording.ts";

const golden = "test/golden/local/attic/autoscaled-deployment-attic/horizontal-pod-autoscaler-attic.yaml";
const spec = parse(readFileSync(golden, "utf8")).spec;
const autoscaler = settingsOf(spec);

const sample = (seconds: number, desired: number, demand = 0) => ({
  seconds,
  demand,
  utilization: null,
  memoryUtilization: null,
  desired,
  ready: desired,
});

describe("what the scaling policies allow", () => {
  const at = (samples: Parameters<typeof bounds>[0]) => bounds(samples, autoscaler).at(-1);

  test("is four more within fifteen seconds, or twice as many where that is more", () => {
    expect(at([sample(0, 2), sample(15, 2)])?.most).toBe(6);
    expect(at([sample(0, 5), sample(15, 5)])?.most).toBe(10);
  });

  test("is two fewer within a minute", () => {
    expect(at([sample(0, 8), sample(60, 8)])?.least).toBe(6);
  });

  test("is counted from where the replicas were when the period began", () => {
    expect(at([sample(0, 8), sample(30, 6), sample(60, 6)])?.least).toBe(6);
    expect(at([sample(0, 8), sample(30, 6), sample(90, 6)])?.least).toBe(4);
  });

  test("is never beyond the minimum and the maximum", () => {
    expect(at([sample(0, 9), sample(15, 9)])?.most).toBe(10);
    expect(at([sample(0, 3), sample(60, 3)])?.least).toBe(2);
  });
});

describe("the recording", () => {
  const recording = readRecording();

  test("is of the autoscaler that the program makes; else record anew", () => {
    expect(recording.autoscaler).toEqual(autoscaler);
  });

  test("is of the load that is declared", () => {
    expect(recording.samples.filter(({ seconds, demand }) => demand !== demandAt(seconds))).toEqual([]);
  });

  test("goes from the minimum to the maximum and back", () => {
    const counts = recording.samples.map(({ ready }) => ready);
    expect([counts[0], Math.max(...counts), counts.at(-1)]).toEqual([2, 10, 2]);
  });

  test("never leaves what the policies allow", () => {
    const allowed = bounds(recording.samples, recording.autoscaler);
    const beyond = recording.samples.filter(({ desired }, at) => {
      const { least = 0, most = 0 } = allowed[at] ?? {};
      return desired < least || desired > most;
    });
    expect(beyond).toEqual([]);
  });
});

test("changes are the samples at which the load or the replicas are others", () => {
  const samples = [sample(0, 2), sample(5, 2), sample(10, 2, 500), sample(15, 6, 500)];
  expect(changes(samples).map(({ seconds }) => seconds)).toEqual([0, 10, 15]);
});

test("a load is shared by the replicas, and by one while there is none", () => {
  expect([shareOf(90, 2), shareOf(100, 3), shareOf(90, 0)]).toEqual([45, 34, 90]);
});

test("an autoscaler that does not look at CPU is refused", () => {
  expect(() => settingsOf({ ...spec, metrics: [] })).toThrow("does not scale by cpu");
});

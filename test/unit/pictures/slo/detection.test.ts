import { describe, expect, test } from "vitest";
import { objective } from "../../../../components/observability/slo/objectives.ts";
import { detections } from "../../../../pictures/slo/detection.ts";
import { lineName, span } from "../../../../pictures/slo/spec.ts";

const all = detections(objective("availability"));
const named = (name: string) => {
  const found = all.find((each) => lineName(each) === name);
  if (!found) throw new Error(`no line ${name} among ${all.map(lineName).join(", ")}`);
  return found;
};

describe("how soon it is told", () => {
  test("is the whole window at the smallest share that is told of", () => {
    const { least } = named("page: 14.4 × over 1 h");
    expect(least.share).toBeCloseTo(0.0144);
    expect(least.after).toBe(3600);
  });

  test("is under a minute when everything fails", () => {
    expect(named("page: 14.4 × over 1 h").all.after).toBeCloseTo(51.84);
  });

  test("has the budget of 43.2 minutes gone when everything fails for that long", () => {
    expect(span(named("the budget is gone").all.after)).toBe("43.2 min");
  });

  test("is before the budget is gone, for every share that is told of", () => {
    const gone = named("the budget is gone");
    for (const { what, all: whole } of all)
      if (what !== "gone") expect(whole.after).toBeLessThan(gone.all.after);
  });
});

test.each([
  [30, "30 s"],
  [60, "1 min"],
  [86_400, "1 day"],
  [259_200, "3 days"],
  [259.2, "4.3 min"],
])("%d seconds are %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

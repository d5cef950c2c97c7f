import { describe, expect, it } from "vitest";
import { compileJsonPath } from "../../../../../../embedded/providers/kubernetes/await/json-path.ts";
import { parseWaitFor } from "../../../../../../embedded/providers/kubernetes/await/wait-for.ts";
import { condition, object } from "../objects.ts";

const conditions = [condition("Ready", "True"), condition("Degraded", "False")];
const cluster = object("Cluster", { phase: "Cluster in healthy state", readyInstances: 3, conditions });

function holds(value: string): boolean {
  return parseWaitFor(value).every((expectation) => expectation.holds(cluster));
}

describe("pulumi.com/waitFor", () => {
  it.each([
    ["condition=Ready", true],
    ["condition=ready=true", true],
    ["condition=Ready=False", false],
    ["condition=Degraded=False", true],
    ["condition=Missing", false],
    ["jsonpath={.status.phase}=Cluster in healthy state", true],
    ["jsonpath={.status.readyInstances}=3", true],
    ["jsonpath={.status.readyInstances}=2", false],
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.address}", false],
    ["jsonpath=.status.readyInstances=3", true],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
    ['["condition=Ready", "jsonpath={.status.readyInstances}=3"]', true],
    ['["condition=Ready", "jsonpath={.status.readyInstances}=2"]', false],
  ])("%s holds: %s", (value, expected) => {
    expect(holds(value)).toBe(expected);
  });

  it("does not believe a condition about an earlier version of the object", () => {
    const stale = object("Cluster", {
      conditions: [{ ...condition("Ready", "True"), observedGeneration: 1 }],
    });
    expect(parseWaitFor("condition=Ready")[0]?.holds(stale)).toBe(false);
  });

  it.each(["Ready", "condition=", "jsonpath={.a", "[]", "[1]", "[oops"])(
    "refuses %s, saying what it may be",
    (value) => {
      expect(() => parseWaitFor(value)).toThrow(/pulumi.com\/waitFor|jsonpath/);
    },
  );
});

describe("a JSON path", () => {
  it.each([
    ["{.metadata.name}", ["web"]],
    ["$.metadata.name", ["web"]],
    ["metadata.name", ["web"]],
    ["{.status['phase']}", ["Cluster in healthy state"]],
    ["{.status.conditions[0].type}", ["Ready"]],
    ["{.status.conditions[-1].type}", ["Degraded"]],
    ["{.status.conditions[*].status}", ["True", "False"]],
    ["{.status.conditions[?(@.status!='True')].type}", ["Degraded"]],
    ["{.nowhere.at.all}", []],
  ])("%s finds %j", (path, found) => {
    expect(compileJsonPath(path)(cluster)).toEqual(found);
  });

  it("takes names with escaped dots", () => {
    const labelled = { metadata: { labels: { "app.kubernetes.io/name": "attic" } } };
    expect(compileJsonPath("{.metadata.labels.app\\.kubernetes\\.io/name}")(labelled)).toEqual(["attic"]);
  });

  it.each(["{}", "{.a[}", "{.a[?(@.b>1)]}"])("refuses %s", (path) => {
    expect(() => compileJsonPath(path)).toThrow(/jsonpath/);
  });
});

import { expect, test } from "vitest";
import { usageExpression } from "../../../../embedded/control-plane/load.ts";

const otherwise = 'Quantity("10m")';

test("without a load, what holds anyway holds", () => {
  expect(usageExpression("cpu", [], otherwise)).toBe(otherwise);
});

test("a load holds in its namespace only", () => {
  expect(usageExpression("cpu", [{ namespace: "shop", cpu: "1" }], otherwise)).toBe(
    'pod.metadata.namespace == "shop" ? Quantity("1") : (Quantity("10m"))',
  );
});

test("a load with labels holds for pods that have all of them, and comes before one without", () => {
  const expression = usageExpression(
    "cpu",
    [
      { namespace: "shop", cpu: "1" },
      { namespace: "shop", cpu: "2", labels: { app: "web" } },
    ],
    otherwise,
  );
  expect(expression).toBe(
    'pod.metadata.namespace == "shop" && "app" in pod.metadata.labels && pod.metadata.labels["app"] == "web" ' +
      '? Quantity("2") : (pod.metadata.namespace == "shop" ? Quantity("1") : (Quantity("10m")))',
  );
});

test("a load that says nothing of memory leaves memory as it is", () => {
  expect(usageExpression("memory", [{ namespace: "shop", cpu: "1" }], otherwise)).toBe(otherwise);
});

test("quotes in a label cannot end the expression's string", () => {
  const expression = usageExpression("cpu", [{ namespace: 'a" || true', cpu: "1" }], otherwise);
  expect(expression).toContain('pod.metadata.namespace == "a\\" || true" ?');
});

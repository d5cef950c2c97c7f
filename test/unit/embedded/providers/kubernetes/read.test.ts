import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameQuantity } from "../../../../../embedded/providers/kubernetes/quantity.ts";
import { importedInputs, overlay } from "../../../../../embedded/providers/kubernetes/read.ts";

describe("inputs with the live values in their places", () => {
  it.each([
    ["a changed value", { a: 1 }, { a: 2 }, { a: 2 }],
    ["a removed value", { a: 1, b: 2 }, { b: 2 }, { b: 2 }],
    ["what the server adds", { a: 1 }, { a: 1, status: {} }, { a: 1 }],
    ["a default for nothing", { a: [], b: {}, c: false }, {}, { a: [], b: {}, c: false }],
    [
      "another spelling of a quantity",
      { cpu: "1000m", memory: "1Gi" },
      { cpu: "1", memory: "1024Mi" },
      { cpu: "1000m", memory: "1Gi" },
    ],
    ["another quantity", { cpu: "1" }, { cpu: "2" }, { cpu: "2" }],
    [
      "list items, by name",
      {
        c: [
          { name: "a", v: 1 },
          { name: "b", v: 1 },
        ],
      },
      {
        c: [
          { name: "b", v: 2 },
          { name: "a", v: 1 },
        ],
      },
      {
        c: [
          { name: "a", v: 1 },
          { name: "b", v: 2 },
        ],
      },
    ],
    [
      "a sidecar someone adds",
      { c: [{ name: "a" }] },
      { c: [{ name: "a", d: 1 }, { name: "sidecar" }] },
      { c: [{ name: "a" }] },
    ],
    ["a plain list, as a whole", { args: ["a"] }, { args: ["b", "c"] }, { args: ["b", "c"] }],
  ])("show %s", (_, input, live, expected) => {
    expect(overlay(input, live)).toEqual(expected);
  });

  it("are the inputs themselves when nothing drifted", () => {
    const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(json, (value) => {
        expect(overlay(value, structuredClone(value))).toEqual(value);
      }),
    );
  });
});

it("an import's inputs are what a program would have written", () => {
  const live = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "a",
      namespace: "ns",
      uid: "u",
      resourceVersion: "1",
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      managedFields: [],
    },
    data: { a: "1" },
    status: {},
  };
  const metadata = { name: "a", namespace: "ns" };
  expect(importedInputs(live)).toEqual({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" } });
});

it.each([
  ["1", 1, true],
  ["500m", "0.5", true],
  ["1Ki", "1024", true],
  ["1e3", "1k", true],
  ["1", "2", false],
  ["nginx", "nginx", false],
  ["1x", "1x", false],
])("%s and %s are the same quantity: %s", (left, right, same) => {
  expect(sameQuantity(left, right)).toBe(same);
});

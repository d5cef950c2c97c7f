import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CannotTell,
  guarded,
  join,
  texts,
  UNKNOWN,
  unguarded,
} from "../../../../policies/framework/unknown.ts";

describe("guarded values", () => {
  test("read like the values themselves", () => {
    const values = { spec: { replicas: 2, ports: [{ port: 80 }, { port: 443 }] } };
    const view = guarded(values);
    expect(view.spec.ports.map(({ port }) => port)).toEqual([80, 443]);
    expect(view.spec.ports.filter(({ port }) => port > 80)).toHaveLength(1);
    expect({ ...view.spec }.replicas).toBe(2);
    expect(JSON.stringify(view)).toBe(JSON.stringify(values));
    expect(Object.entries(view.spec)).toHaveLength(2);
    expect(view.spec.ports).toBe(view.spec.ports);
  });

  test.each<[string, (view: { spec: { replicas: number; hosts: string[] } }) => unknown, string]>([
    ["reading", ({ spec }) => spec.replicas, "spec.replicas"],
    ["comparing", ({ spec }) => spec.replicas === 3, "spec.replicas"],
    ["optional reading", ({ spec }) => spec?.replicas ?? 1, "spec.replicas"],
    ["spreading", ({ spec }) => ({ ...spec }), "spec.replicas"],
    ["destructuring", ({ spec: { replicas } }) => replicas, "spec.replicas"],
    ["walking a list", ({ spec }) => spec.hosts.map((host) => host), "spec.hosts[1]"],
    ["searching a list", ({ spec }) => spec.hosts.includes("c"), "spec.hosts[1]"],
    ["writing as JSON", (view) => JSON.stringify(view), "spec.replicas"],
  ])("cannot be told by %s what is not known", (_, read, field) => {
    const view = guarded({
      spec: { replicas: UNKNOWN as unknown as number, hosts: ["a", UNKNOWN as never, "c"] },
    });
    expect(() => read(view)).toThrow(expect.objectContaining({ field }));
    expect(() => read(view)).toThrow(CannotTell);
  });

  test("tell that an unknown value is there", () => {
    const view = guarded({ a: UNKNOWN, b: 1 });
    expect(Object.keys(view)).toEqual(["a", "b"]);
    expect("a" in view).toBe(true);
    expect(view.b).toBe(1);
  });

  test("whatever they are, are the plain ones behind the view", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(guarded({ value }))).toBe(JSON.stringify({ value }));
        expect(unguarded(guarded(value))).toBe(value);
      }),
    );
  });
});

test("texts are found at any depth, and unknown ones left out", () => {
  const value = guarded({ a: "x", b: [{ "c.d": "y" }, UNKNOWN, 3, null], e: UNKNOWN });
  expect([...texts(value)]).toEqual([
    { path: "a", text: "x" },
    { path: 'b[0]["c.d"]', text: "y" },
  ]);
});

test("paths are written as people read them", () => {
  expect(["spec", "containers", "0", "app.kubernetes.io/name"].reduce(join, "")).toBe(
    'spec.containers[0]["app.kubernetes.io/name"]',
  );
});

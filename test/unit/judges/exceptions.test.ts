import { describe, expect, test } from "vitest";
import { type Exception, exceptions, parseExceptions, reckon } from "../../../judges/exceptions.ts";
import type { Finding } from "../../../judges/finding.ts";

const finding = (change: Partial<Finding> = {}): Finding => ({
  scanner: "kube-score",
  check: "pod-probes",
  object: "Deployment/attic",
  message: "Container is missing a readinessProbe",
  ...change,
});

const exception = (change: Partial<Exception> = {}): Exception => ({
  scanner: "kube-score",
  check: "pod-probes",
  objects: ["Deployment/attic"],
  reason: "A reason that is long enough for somebody to disagree with it.",
  ...change,
});

describe("a finding", () => {
  test("without an exception is unexplained", () => {
    expect(reckon([finding()], [])).toEqual({ unexplained: [finding()], unused: [] });
  });

  test("is explained by an exception of the same judge, check and object", () => {
    expect(reckon([finding()], [exception()])).toEqual({ unexplained: [], unused: [] });
  });

  test.each<[string, Partial<Finding>]>([
    ["another judge's", { scanner: "trivy" }],
    ["of another check", { check: "pod-probes-identical" }],
    ["against another object", { object: "Deployment/attic-gc" }],
    ["against an object of another kind", { object: "Job/attic" }],
  ])("%s is not explained by it", (_, change) => {
    const { unexplained, unused } = reckon([finding(change)], [exception()]);
    expect(unexplained).toEqual([finding(change)]);
    expect(unused).toEqual(["kube-score pod-probes Deployment/attic"]);
  });

  test("against a name that ends in a checksum is explained by a pattern, and a dot is only a dot", () => {
    const job = finding({ object: "Job/attic-migrate-f83c936e" });
    expect(reckon([job], [exception({ objects: ["Job/attic-migrate-*"] })]).unexplained).toEqual([]);
    expect(reckon([job], [exception({ objects: ["Job/attic.migrate-*"] })]).unexplained).toEqual([job]);
    expect(reckon([job], [exception({ objects: ["Job/attic"] })]).unexplained).toEqual([job]);
  });
});

describe("an exception", () => {
  test("has to except something for each object that it names", () => {
    const claimed = [exception({ objects: ["Deployment/attic", "Deployment/attic-gc"] })];
    expect(reckon([finding()], claimed).unused).toEqual(["kube-score pod-probes Deployment/attic-gc"]);
  });

  const yaml = (change: object) => JSON.stringify([{ ...exception(), ...change }]);

  test.each<[string, object]>([
    ["no reason", { reason: undefined }],
    ["a reason that says nothing", { reason: "false positive" }],
    ["no object", { objects: [] }],
    ["every object of every kind", { objects: ["*"] }],
    ["a judge that there is not", { scanner: "kube-scorn" }],
    ["a key that there is not", { severity: "low" }],
  ])("with %s is refused", (_, change) => {
    expect(parseExceptions(yaml({}))).toHaveLength(1);
    expect(() => parseExceptions(yaml(change))).toThrow();
  });

  test("is written once for each check of each object", () => {
    const all = exceptions().flatMap(({ scanner, check, objects }) =>
      objects.map((object) => `${scanner} ${check} ${object}`),
    );
    expect(all.length).toBeGreaterThan(0);
    expect(new Set(all).size).toBe(all.length);
  });
});

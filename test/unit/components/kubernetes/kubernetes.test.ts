import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checksum, keyedChecksum } from "../../../../components/kubernetes/checksum.ts";
import { imageVersion, labels } from "../../../../components/kubernetes/labels.ts";
import { restrictedNamespace } from "../../../../components/kubernetes/namespace.ts";

describe("the namespace", () => {
  test("enforces the restricted Pod Security level, and warns and audits by it", () => {
    const { metadata } = restrictedNamespace("nix-cache", "attic");
    for (const mode of ["enforce", "audit", "warn"]) {
      expect(metadata.labels).toHaveProperty([`pod-security.kubernetes.io/${mode}`], "restricted");
    }
  });

  test("lies in no namespace", () => {
    expect(restrictedNamespace("nix-cache", "attic").metadata).not.toHaveProperty("namespace");
  });
});

describe("a checksum", () => {
  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(checksum(value)).toBe(checksum(reversed));
      }),
    );
  });

  test("changes with the value", () => {
    fc.assert(fc.property(fc.string(), (text) => checksum(text) !== checksum(`${text}.`)));
  });

  test("of secrets cannot be computed without the key", () => {
    const values = { PGPASSWORD: "hunter2" };
    expect(keyedChecksum("a", values)).not.toBe(keyedChecksum("b", values));
    expect(keyedChecksum("a", values)).not.toBe(checksum(values));
  });
});

describe("the version label", () => {
  test.each([
    [
      "ghcr.io/zhaofengli/attic:b7c905657cb81b8ec9c26b0d9f53aa2e4f231810",
      "b7c905657cb81b8ec9c26b0d9f53aa2e4f231810",
    ],
    [`registry.local:5000/attic@sha256:${"0123456789abcdef".repeat(4)}`, "0123456789ab"],
    [`ghcr.io/zhaofengli/attic:main@sha256:${"a".repeat(64)}`, "main"],
    ["registry.local:5000/attic", "unknown"],
  ])("of %s is %s", (image, version) => {
    expect(imageVersion(image)).toBe(version);
  });

  test("is left out where there is none", () => {
    expect(labels({ name: "a", component: "b", partOf: "c" })).not.toHaveProperty([
      "app.kubernetes.io/version",
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { type Claim, decide, storageClassManifest, type Volume } from "../../../live/volumes/decide.ts";

const claim = (more: Partial<Claim["spec"]> = {}, node: string | undefined = "live-2"): Claim => ({
  metadata: {
    name: "data",
    namespace: "nix-cache",
    uid: "0b1c",
    ...(node && { annotations: { "volume.kubernetes.io/selected-node": node } }),
  },
  spec: {
    storageClassName: "standard",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "10Gi" } },
    ...more,
  },
});

const volume = (phase: string, more: Partial<Volume["spec"]> = {}): Volume => ({
  metadata: { name: "volume-0b1c" },
  spec: { storageClassName: "standard", local: { path: "/volumes/live-2/volume-0b1c" }, ...more },
  status: { phase },
});

const made = (claims: Claim[], volumes: Volume[] = []) => decide("/volumes", claims, volumes).make;

describe("a volume is made", () => {
  test("for a claim whose node the scheduler chose, there, as large as asked for, and for nobody else", () => {
    const [spec, ...others] = made([claim()]).map((each) => each.spec);
    expect(others).toEqual([]);
    expect(spec?.local.path).toBe("/volumes/live-2/volume-0b1c");
    expect(spec?.capacity).toEqual({ storage: "10Gi" });
    expect(spec?.claimRef).toMatchObject({ namespace: "nix-cache", name: "data", uid: "0b1c" });
    const [term] = spec?.nodeAffinity.required.nodeSelectorTerms ?? [];
    expect(term?.matchExpressions).toEqual([
      { key: "kubernetes.io/hostname", operator: "In", values: ["live-2"] },
    ]);
  });

  test.each([
    ["as long as no pod needs it", claim({}, "")],
    ["of another class", claim({ storageClassName: "fast" })],
    ["that has one", claim({ volumeName: "volume-0b1c" })],
    ["that is being deleted", { ...claim(), metadata: { ...claim().metadata, deletionTimestamp: "now" } }],
  ])("but not for a claim %s", (_, each) => {
    expect(made([each])).toEqual([]);
  });

  test("once", () => {
    expect(made([claim()], [volume("Available")])).toEqual([]);
  });
});

describe("a volume is made larger", () => {
  const bound = (wanted: string, told?: string): Claim => ({
    ...claim({ volumeName: "volume-0b1c", resources: { requests: { storage: wanted } } }),
    ...(told && { status: { capacity: { storage: told } } }),
  });
  const there = (storage: string): Volume => volume("Bound", { capacity: { storage } });
  const grown = (each: Claim, of: Volume) => decide("/volumes", [each], [of]).grow;
  const growth = {
    name: "volume-0b1c",
    path: "/volumes/live-2/volume-0b1c",
    claim: { namespace: "nix-cache", name: "data" },
    storage: "15Gi",
  };

  test("when its claim asks for more than it has", () => {
    expect(grown(bound("15Gi", "10Gi"), there("10Gi"))).toEqual([growth]);
  });

  test("again, when that ended before its claim was told", () => {
    expect(grown(bound("15Gi", "10Gi"), there("15Gi"))).toEqual([growth]);
  });

  test.each([
    ["that has what its claim asks for", bound("10Gi", "10Gi"), there("10Gi")],
    ["that has more", bound("5Gi", "10Gi"), there("10Gi")],
    ["that its claim has not been told of", bound("10Gi"), there("10Gi")],
    ["of another claim", claim(), there("5Gi")],
    [
      "of another class",
      { ...bound("15Gi"), spec: { ...bound("15Gi").spec, storageClassName: "fast" } },
      there("10Gi"),
    ],
  ])("but not one %s", (_, each, of) => {
    expect(grown(each, of)).toEqual([]);
  });

  test("which its class allows", () => {
    expect(storageClassManifest.allowVolumeExpansion).toBe(true);
  });
});

describe("a volume is removed", () => {
  const removed = (each: Volume) => decide("/volumes", [], [each]).remove;

  test("with what is on it, when its claim is gone", () => {
    expect(removed(volume("Released"))).toEqual([
      { name: "volume-0b1c", path: "/volumes/live-2/volume-0b1c" },
    ]);
  });

  test.each([
    ["in use", volume("Bound")],
    ["that waits for its claim", volume("Available")],
    ["of another class", volume("Released", { storageClassName: "fast" })],
    ["that is no folder", volume("Released", { local: undefined })],
    ["that is to be kept", volume("Released", { persistentVolumeReclaimPolicy: "Retain" })],
  ])("but not one %s", (_, each) => {
    expect(removed(each)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { isOlder, parseVersion, pinnedVersion, sdkVersion } from "../../../../embedded/engine/versions.ts";

describe("parseVersion", () => {
  it.each([
    ["v3.210.0", [3, 210, 0]],
    ["3.208.1-alpha.x7", [3, 208, 1]],
  ])("reads %s", (text, parts) => {
    expect(parseVersion(text)?.parts).toEqual(parts);
  });

  it.each(["", "pulumi", "3.210", "warning: v3.210.0"])("does not take %j for a version", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe("isOlder", () => {
  it.each([
    ["3.207.9", true],
    ["3.208.0", false],
    ["3.210.0", false],
    ["2.999.0", true],
    ["4.0.0", false],
  ])("%s is older than 3.208.0: %s", (text, expected) => {
    const version = parseVersion(text);
    expect(version && isOlder(version, "3.208.0")).toBe(expected);
  });
});

describe("pinnedVersion", () => {
  it("reads the engine's version from go.mod", () => {
    expect(pinnedVersion("require (\n\tgithub.com/pulumi/pulumi/pkg/v3 v3.210.0 // indirect\n)")).toBe(
      "3.210.0",
    );
  });

  it("says when the engine is not required", () => {
    expect(() => pinnedVersion("module x\n")).toThrow(/not required/);
  });
});

it("reads the version of an SDK package", () => {
  expect(parseVersion(sdkVersion("pulumi"))).toBeDefined();
});

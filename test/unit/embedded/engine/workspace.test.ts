import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkEngine } from "../../../../embedded/engine/workspace.ts";

describe("the link to the engine", () => {
  let root: string;
  let link: string;
  let engine: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "attic-engine-link-"));
    link = path.join(root, "pulumi");
    engine = path.join(root, "the-engine");
    writeFileSync(engine, "");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("leads to the engine, whatever it led to before", () => {
    linkEngine(root, { path: "/an/older/one" });
    linkEngine(root, { path: engine });
    expect(readlinkSync(link)).toBe(engine);
  });

  it("stays as it is when the engine was found by way of it", () => {
    linkEngine(root, { path: engine });
    linkEngine(root, { path: path.join(root, ".", "pulumi") });
    expect(readlinkSync(link)).toBe(engine);
  });
});

import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { missing } from "../../live/missing.ts";
import { leaveNothing } from "./interrupted.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder below which each file keeps its nodes, in `<its own>/live`; empty where real nodes cannot be had. */
    liveParent: string;
  }
}

/**
 * Runs once before the tests on real nodes (vitest `globalSetup`): what the machine lacks is found here, for all workers.
 * Their nodes are below one folder, so that none is left of a run that is interrupted.
 */
export default function setup(project: TestProject): (() => void) | undefined {
  const parent = missing ? "" : mkdtempSync(join(tmpdir(), "attic-live-"));
  project.provide("liveParent", parent);
  if (missing) return undefined;
  return leaveNothing(parent, () => readdirSync(parent).map((name) => join(parent, name, "live")));
}

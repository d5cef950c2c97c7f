import type { TestProject } from "vitest/node";
import { missing } from "../../live/missing.ts";
import { folderForNodes } from "./folder-for-nodes.ts";

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
export default (project: TestProject): void => project.provide("liveParent", missing ? "" : folderForNodes());

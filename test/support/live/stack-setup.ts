import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { TestProject } from "vitest/node";
import { Screen } from "../../../embedded/local/terminal/screen.ts";
import { down } from "../../../live/down.ts";
import { type LivePaths, livePaths } from "../../../live/paths.ts";
import { lastUp } from "../../../live/remembered.ts";
import { up } from "../../../live/up.ts";
import { missing } from "../../live/missing.ts";
import { folderForNodes } from "./folder-for-nodes.ts";
import { beginReport, record } from "./report.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The root of what `live` keeps; empty where real nodes cannot be had. */
    liveRoot: string;
  }
}

/**
 * Runs once before the first scenario (vitest `globalSetup`): the whole stack on three real nodes, for all of them. With
 * LIVE_ROOT it is one that runs already, below that folder, and goes on running: whoever works on a scenario need not
 * wait for a stack each time. With ATTICD it runs that server, else the double.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.LIVE_ROOT;
  if (missing || given) {
    project.provide("liveRoot", missing ? "" : (given as string));
    return undefined;
  }
  const paths = livePaths(join(folderForNodes(), "live"));
  project.provide("liveRoot", paths.root);
  const end = async () => {
    await down(paths);
  };
  try {
    await bringUp(paths);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

async function bringUp(paths: LivePaths): Promise<void> {
  const begun = performance.now();
  const free = freeMebibytes();
  await up({ paths, screen: new Screen(process.stdout), nodes: 3, attic: process.env.ATTICD });
  beginReport((await lastUp(paths))?.attic ?? "");
  record(
    "the stack from nothing",
    { what: "until it is verified", value: (performance.now() - begun) / 1000, unit: "s" },
    { what: "memory that is gone by then", value: free - freeMebibytes(), unit: "MiB" },
  );
}

/** Memory that programs could have, whatever caches hold of it. */
function freeMebibytes(): number {
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}

import { performance } from "node:perf_hooks";
import process from "node:process";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { ScreenStream } from "../embedded/local/terminal/screen.ts";
import { clockOf } from "./clock.ts";
import { type Clusters, kubeconfigClusters } from "./cluster/index.ts";
import { type Deployments, pulumiDeployments } from "./deployments/index.ts";

/** All that commands see of the world outside the project's folder, so that tests can bring their own. */
export interface World {
  env: NodeJS.ProcessEnv;
  /** Where the person stands. */
  cwd: string;
  /** The time of this command; read once. */
  now: Date;
  /** Milliseconds since then. */
  elapsed(): number;
  stdin: Readable & { isTTY?: boolean };
  stdout: ScreenStream;
  stderr: ScreenStream;
  /** What Pulumi knows of the stacks. */
  deployments: Deployments;
  /** The clusters that stacks are deployed to. */
  clusters: Clusters;
  /** Waits so many milliseconds. */
  sleep(milliseconds: number): Promise<unknown>;
}

/**
 * The world of this process.
 * @throws CliError when its clock is set to no time
 */
export function processWorld(): World {
  const { now, said } = clockOf(process.env, new Date());
  if (said) process.stderr.write(`${said}\n`);
  return {
    env: process.env,
    cwd: process.cwd(),
    now,
    elapsed: () => performance.now(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    deployments: pulumiDeployments,
    clusters: kubeconfigClusters,
    sleep: (milliseconds) => setTimeout(milliseconds),
  };
}

import { join } from "node:path";
import process from "node:process";
import { inProject } from "../../../../live/stack/deploy.ts";
import { outputs, paths } from "../world.ts";
import type { Work } from "./work.ts";

/** How a burst of requests went. */
export interface Burst {
  /** Requests that were answered as is meant. */
  answered: number;
  /** Answers of 5xx, those that did not come, and connections that broke. 429 is none: it is the ingress' own limit. */
  failed: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** What a burst has beside a path and a rate. */
export interface BurstOptions {
  /** Statuses of answers as they are meant. @default [200] */
  meant?: readonly number[];
  /** The header, whole, such as `Bearer …`. @default none */
  authorization?: string;
}

/** Asks for one path, from the ground, so often in a second and for so long. */
export async function burst(
  path: string,
  perSecond: number,
  seconds: number,
  { meant = [200], authorization }: BurstOptions = {},
): Promise<Burst> {
  const { url } = await outputs();
  const work: Work = { url: `${String(url).replace(/\/$/, "")}${path}`, authorization, perSecond, seconds };
  const command = [process.execPath, join(import.meta.dirname, "main.ts")];
  const { code, stdout, stderr } = await inProject(paths, command, JSON.stringify(work));
  if (code !== 0) throw new Error(`autocannon: exit code ${code}: ${stderr}`);
  const said = JSON.parse(stdout) as {
    statusCodeStats: Record<string, { count: number }>;
    "5xx": number;
    errors: number;
    latency: { p50: number; p99: number };
  };
  const { latency, errors } = said;
  return {
    answered: meant.reduce((sum, status) => sum + (said.statusCodeStats[status]?.count ?? 0), 0),
    failed: said["5xx"] + errors,
    p50: latency.p50,
    p99: latency.p99,
  };
}

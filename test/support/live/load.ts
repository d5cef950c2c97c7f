import { join } from "node:path";
import { PROJECT_DIR } from "../../../embedded/local/paths.ts";
import { inside, outputs } from "./world.ts";

const autocannon = join(PROJECT_DIR, "node_modules/autocannon/autocannon.js");

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

/**
 * Asks for one path, from the ground, so often in a second and for so long. It needs no token: those would be in an
 * argument.
 * @param meant statuses of answers as they are meant
 */
export async function burst(
  path: string,
  perSecond: number,
  seconds: number,
  meant: readonly number[] = [200],
): Promise<Burst> {
  const { url } = await outputs();
  const rate = [`--overallRate=${perSecond}`, `--duration=${seconds}`, "--connections=16", "--timeout=30"];
  const target = `${String(url).replace(/\/$/, "")}${path}`;
  const { code, stdout, stderr } = await inside(process.execPath, autocannon, ...rate, "--json", target);
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

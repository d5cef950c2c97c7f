/**
 * What the stack bears on this machine, as ratios within one run: of more replicas to fewer, of a list of a hundred
 * revoked tokens to none, for a token that is not on it. That Traefik passes what is large on, and does not keep it, is
 * promised in docs/ingress.md.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { query } from "../../../live/platform/monitoring/index.ts";
import { inProject } from "../../../live/stack/deploy.ts";
import { burst } from "../../support/live/load/index.ts";
import { record } from "../../support/live/report.ts";
import { change, deploy, restore, stackText } from "../../support/live/stack-file.ts";
import { token } from "../../support/live/traffic/index.ts";
import type { LargeFigures, LargeWork } from "../../support/live/traffic/work.ts";
import { ctl, object, outputs, paths, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "d-load";
/** Asked for as fast as the machine answers; the ingress lets one client have as much. */
const unbounded = 100_000;
const miss = `${"0".repeat(32)}.narinfo`;
const routes = {
  "a cache's description": "/public/nix-cache-info",
  "a narinfo that is not there": `/public/${miss}`,
};

const ready = async () =>
  (await object<{ status: { readyReplicas?: number } }>("deployment", "attic"))?.status.readyReplicas ?? 0;

async function scaledTo(replicas: number): Promise<void> {
  change({
    "attic:api.scaling.minReplicas": replicas,
    "attic:api.scaling.maxReplicas": replicas,
    "attic:ingress.rateLimit.average": unbounded,
    "attic:ingress.rateLimit.burst": unbounded,
  });
  await deploy();
  await until(`${replicas} replicas are ready`, 120, async () => (await ready()) === replicas);
}

describe.skipIf(missing || short)("load", () => {
  let before = "";
  beforeAll(() => {
    before = stackText();
  });
  afterAll(async () => {
    await restore(before);
    await ctl("verify", "--wait", "3m");
  });

  test("is borne by two replicas, and by four", async () => {
    for (const replicas of [2, 4]) {
      await scaledTo(replicas);
      for (const [what, path] of Object.entries(routes)) {
        const { answered, failed, p50, p99 } = await burst(path, unbounded, 10, { meant: [200, 404] });
        expect(failed).toBe(0);
        const of = `${what}, ${replicas} replicas`;
        record(
          scenario,
          { what: `answers, ${of}`, value: answered / 10, unit: "requests/s" },
          { what: `half of the answers came within, ${of}`, value: p50, unit: "ms" },
          { what: `99 of 100 answers came within, ${of}`, value: p99, unit: "ms" },
        );
      }
    }
  });

  test("of a hundred revoked tokens is no burden for one that is not", async () => {
    const [rate, seconds] = [100, 15];
    // Without a token, no rule looks at a request.
    const authorization = `Bearer ${await token("developers")}`;
    const asked = () => burst(`/main/${miss}`, rate, seconds, { meant: [404], authorization });
    const without = await asked();
    const expires = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
    const revoked = Array.from({ length: 100 }, () => ({
      fragment: randomBytes(48).toString("base64url"),
      expires,
      reason: "how much a long list costs",
    }));
    change({ "attic:tokens.revoked": revoked });
    await deploy();
    const withList = await asked();
    for (const { answered, failed } of [without, withList]) {
      expect(failed).toBe(0);
      expect(answered).toBeGreaterThan((rate * seconds) / 2);
    }
    const ratio = withList.p50 / without.p50;
    record(scenario, {
      what: "median latency with 100 revoked tokens, to that with none, of requests with a token",
      value: ratio,
      unit: "ratio",
    });
    // Two medians of one machine differ by less, whatever else it does meanwhile.
    expect(ratio).toBeLessThan(3);
  });

  test("of one path of a gigabyte goes through Traefik and is not kept there", async () => {
    const size = 1 << 30;
    const memory = async () => {
      const samples = await query(
        paths,
        'max_over_time(sum(container_memory_working_set_bytes{namespace="traefik",container="traefik"})[2m:5s])',
      );
      return (samples[0]?.value ?? Number.NaN) / 2 ** 20;
    };
    const quiet = await memory();
    const { url } = await outputs();
    const work: LargeWork = {
      endpoint: String(url).replace(/\/$/, ""),
      cache: "main",
      tokens: { push: await token("ci"), pull: await token("developers") },
      size,
    };
    const client = join(import.meta.dirname, "../../support/live/traffic/large.ts");
    const { code, stdout, stderr } = await inProject(paths, [process.execPath, client], JSON.stringify(work));
    expect(code, stderr).toBe(0);
    const { pushSeconds, pullSeconds } = JSON.parse(stdout) as LargeFigures;
    const loaded = await memory();
    record(
      scenario,
      { what: "upload of 1 GiB", value: pushSeconds, unit: "s" },
      { what: "download of 1 GiB", value: pullSeconds, unit: "s" },
      { what: "memory of both Traefik pods before", value: quiet, unit: "MiB" },
      { what: "memory of both Traefik pods at most, meanwhile", value: loaded, unit: "MiB" },
    );
    expect(loaded - quiet).toBeLessThan(256);
  });
});

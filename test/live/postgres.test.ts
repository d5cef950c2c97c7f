import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Screen } from "../../embedded/local/terminal/screen.ts";
import { down } from "../../live/down.ts";
import type { Images } from "../../live/images/index.ts";
import { enteringGround } from "../../live/nodes/index.ts";
import { livePaths } from "../../live/paths.ts";
import { run } from "../../live/run.ts";
import { up } from "../../live/up.ts";
import { missing } from "./missing.ts";

const namespace = "database";

describe.skipIf(missing)("a real PostgreSQL cluster, of the real operator, on real nodes", () => {
  const root = mkdtempSync(join(tmpdir(), "attic-live-"));
  const paths = livePaths(join(root, "live"));
  let images: Images;

  beforeAll(async () => {
    images = await up({ paths, screen: new Screen(process.stdout), nodes: 3 });
  });
  afterAll(async () => {
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  const kubectl = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, [
      "kubectl",
      `--namespace=${namespace}`,
      ...command,
    ]);
    return (await run(file, args, { env })).trim();
  };
  const field = (path: string) => kubectl("get", "cluster", "attic-pg", "-o", `jsonpath={.status.${path}}`);
  const sql = (statement: string, instance: string) =>
    kubectl(
      "exec",
      instance,
      "-c",
      "postgres",
      "--",
      "psql",
      "-U",
      "postgres",
      "-d",
      "attic",
      "-Atc",
      statement,
    );
  const until = async (what: string, seconds: number, check: () => Promise<boolean>) => {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(300)) {
      if (await check().catch(() => false)) return;
    }
    throw new Error(
      `not within ${seconds} s: ${what}; ${await field("phase")}\n${await kubectl("get", "pods", "-o", "wide")}`,
    );
  };
  const healthy = () =>
    until("three instances are ready", 150, async () => {
      return (await field("readyInstances")) === "3" && (await field("phase")) === "Cluster in healthy state";
    });

  /** Writes one row after the other to whoever is primary, until it is stopped; tells which were acknowledged. */
  function writing(): {
    acknowledged: readonly number[];
    /** @returns milliseconds of the longest gap between two */
    stop(): Promise<number>;
  } {
    const acknowledged: number[] = [];
    let [longestGap, last, stopped] = [0, performance.now(), false];
    const done = (async () => {
      for (let row = 0; !stopped; row++) {
        try {
          await sql(`INSERT INTO written VALUES (${row})`, await field("currentPrimary"));
          longestGap = Math.max(longestGap, performance.now() - last);
          last = performance.now();
          acknowledged.push(row);
        } catch {
          await sleep(100);
        }
      }
    })();
    return {
      acknowledged,
      async stop() {
        stopped = true;
        await done;
        return longestGap;
      },
    };
  }

  /** Has rows written while something happens, and finds each that was acknowledged. */
  async function losesNothing(happens: () => Promise<void>): Promise<void> {
    await sql("CREATE TABLE IF NOT EXISTS written (row int)", await field("currentPrimary"));
    await sql("TRUNCATE written", await field("currentPrimary"));
    const { acknowledged, stop } = writing();
    await until("rows are written", 30, async () => acknowledged.length > 5);
    await happens();
    const before = acknowledged.length;
    await until("rows are written again", 60, async () => acknowledged.length > before + 5);
    const longestGap = await stop();
    const found = (await sql("SELECT row FROM written", await field("currentPrimary")))
      .split("\n")
      .map(Number);
    console.log(
      `${acknowledged.length} rows acknowledged, ${(longestGap / 1000).toFixed(1)} s the longest gap between two`,
    );
    expect(acknowledged.filter((row) => !found.includes(row))).toEqual([]);
  }

  test("becomes healthy under the restricted Pod Security Standard, one instance on each node", async () => {
    const file = join(root, "cluster.json");
    const enforce = { "pod-security.kubernetes.io/enforce": "restricted" };
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: enforce } },
      {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        metadata: { name: "attic-pg", namespace },
        spec: {
          instances: 3,
          imageName: images.postgresql,
          storage: { size: "1Gi" },
          affinity: { podAntiAffinityType: "required" },
          bootstrap: { initdb: { database: "attic", owner: "attic", dataChecksums: true } },
        },
      },
    ];
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await kubectl("apply", "-f", file);
    await healthy();
    const nodes = await kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}");
    expect(nodes.split(" ").sort()).toEqual(["live-1", "live-2", "live-3"]);
    expect(await sql("SHOW data_checksums", "attic-pg-1")).toBe("on");
    expect(
      await sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "attic-pg-1"),
    ).toBe("2");
  });

  test("fails over when the primary's pod is deleted, and loses no row that was acknowledged", async () => {
    const primary = await field("currentPrimary");
    await losesNothing(async () => {
      await kubectl("delete", "pod", primary, "--grace-period=0", "--force");
      await until("another primary", 90, async () => (await field("currentPrimary")) !== primary);
    });
    await healthy();
  });
});

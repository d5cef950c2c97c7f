/**
 * What an update that goes wrong leaves behind. While it does, clients push and pull all the time and notice nothing:
 *
 * - A migration that fails stops the update before anything that serves was changed, says where to look, and is told of
 *   by an alert; the way back is `atticctl rollback` or the next deployment (docs/upgrades.md).
 * - Of two updates at once the second is refused, and says whom it met (docs/operations.md).
 * - An update that is killed, with its engine, at any moment, is taken up by the next one (docs/operations.md): nothing is
 *   left in doubt, made twice or forgotten.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alerts } from "../../../live/platform/monitoring/index.ts";
import { apiPodNames } from "../../support/live/api-pods.ts";
import { anotherName, brokenServer, complaint, giveNodes, sameServer } from "../../support/live/images.ts";
import { record } from "../../support/live/report.ts";
import { change, declared, stackText } from "../../support/live/stack-file.ts";
import { strays } from "../../support/live/strays.ts";
import { type Figures, startTraffic } from "../../support/live/traffic/index.ts";
import { routes } from "../../support/live/traffic/work.ts";
import { expectNothingNoticed, failures } from "../../support/live/under-traffic.ts";
import { cancel, locked, pending, runUpdate, startUpdate, timed, ways } from "../../support/live/updating.ts";
import { ctl, paths, sql, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "9-updates";
/** Of a migration that this server does not know. */
const future = "m20991231_000001_of_a_newer_server";

/** Has clients push and pull while something is done, none of which they may notice. */
async function unnoticed(what: string, work: () => Promise<void>): Promise<void> {
  const traffic = await startTraffic({ pushes: 1, pulls: 2, size: 50_000 });
  let figures: Figures;
  try {
    await work();
    // What an ending pod still held shows itself after it.
    await sleep(10_000);
  } finally {
    figures = await traffic.stop();
  }
  record(
    scenario,
    {
      what: `${what}: requests meanwhile`,
      value: routes.reduce((sum, route) => sum + figures.routes[route].requests, 0),
      unit: "requests",
    },
    { what: `${what}: requests that failed`, value: failures(figures).length, unit: "requests" },
    { what: `${what}: acknowledged uploads that were lost`, value: figures.lost.length, unit: "requests" },
    { what: `${what}: it took`, value: figures.seconds, unit: "s" },
  );
  expectNothingNoticed(figures);
}

/** What a preview shows, by operation. */
async function previewed(): Promise<Record<string, number>> {
  const out = mkdtempSync(join(tmpdir(), "attic-preview-"));
  try {
    const { changes } = JSON.parse(await ctl("--json", "preview", "--refresh", "--out", out)) as {
      changes: Record<string, number>;
    };
    return changes;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Pods of the API that were not there before; the autoscaler may have taken some away. */
const newPods = async (before: readonly string[]) =>
  (await apiPodNames()).filter((name) => !before.includes(name));

const failing = async () =>
  (await alerts(paths)).filter(
    ({ labels, state }) => labels.alertname === "AtticMigrationFailed" && state === "firing",
  );

const image = () => declared("attic:image") as string;

/** In milliseconds. A Job that fails tries for more than five minutes. */
const timeout = 1_500_000;

describe.skipIf(missing || short)("an update", { timeout }, () => {
  let before = "";
  let good = "";
  let other = "";
  let straysBefore: string[] = [];

  beforeAll(async () => {
    before = stackText();
    good = image();
    other = anotherName(good);
    await giveNodes(await sameServer(good));
    straysBefore = await strays();
  });

  afterAll(async () => {
    if (before === "") return;
    change({}, before);
    await ctl("deploy", "--yes", "--no-verify");
    await ctl("verify", "--wait", "3m");
  });

  /** What every scenario here ends with: the stack's state and the cluster agree, and nothing is left over. */
  const expectSettled = async () => {
    expect(locked()).toBe(false);
    expect(pending()).toEqual([]);
    expect(Object.keys(await previewed())).toEqual(["same"]);
    expect(await strays()).toEqual(straysBefore);
    await ctl("verify", "--wait", "3m");
  };

  test("is refused while another one runs, and says so; that one goes on", async () => {
    await unnoticed("two updates at once", async () => {
      change({ "attic:image": other });
      const first = await startUpdate("atticctl deploy");
      await first.begun();
      for (const way of ways) {
        const { code, stdout, stderr } = await runUpdate(way);
        expect(code, stdout + stderr).toBe(1);
        expect(stdout + stderr).toMatch(
          /another update of stack live is going on|stack live is being worked on by process \d+/,
        );
        expect(stdout + stderr).toContain("wait for it to end");
      }
      const { code, stdout, stderr } = await first.ended;
      expect(code, stdout + stderr).toBe(0);
      await expectSettled();
    });
  });

  describe("that cannot migrate the database", () => {
    test("fails at the Job and leaves what serves alone; the next update puts it right", async () => {
      await giveNodes(await brokenServer());
      const pods = await apiPodNames();
      const was = image();
      await unnoticed("migration that fails", async () => {
        change({ "attic:image": anotherName("broken") });
        const update = await startUpdate("atticctl deploy");
        const alerted = until("the alert fires", 900, async () => (await failing()).length > 0, 2000);
        const begun = performance.now();
        const { code, stderr } = await update.ended;
        record(scenario, {
          what: "migration that fails: until the update ended",
          value: (performance.now() - begun) / 1000,
          unit: "s",
        });
        expect(code).toBe(1);
        expect(stderr).toMatch(/Job attic-migrate/);
        expect(stderr).toContain(complaint);
        expect(stderr).toContain("AtticMigrationFailed");
        await alerted;
        expect(await newPods(pods)).toEqual([]);
        await ctl("rollback", "--image", was, "--yes", "--no-verify");
        await until("the alert ends", 300, async () => (await failing()).length === 0, 2000);
        expect(await newPods(pods)).toEqual([]);
        await expectSettled();
      });
    });

    test("because that is newer fails to roll back, and the stack's file is as it was", async () => {
      const pods = await apiPodNames();
      const text = stackText();
      await unnoticed("rollback that the database refuses", async () => {
        await sql(`INSERT INTO seaql_migrations (version, applied_at) VALUES ('${future}', 0)`);
        try {
          const target = image() === good ? other : good;
          const refused = ctl("rollback", "--image", target, "--yes", "--no-verify");
          await expect(refused).rejects.toThrow("older than the database of stack live");
        } finally {
          // The image that runs knows it, would it be so in truth.
          await sql(`DELETE FROM seaql_migrations WHERE version = '${future}'`);
        }
        expect(stackText()).toBe(text);
        expect(await newPods(pods)).toEqual([]);
        await ctl("deploy", "--yes", "--no-verify");
        expect(await newPods(pods)).toEqual([]);
        await expectSettled();
      });
    });
  });

  test("that is killed at any moment is taken up by the next one", async () => {
    const kills = 10;
    const next = () => {
      const narInfo = declared("attic:server.maxNarInfoSize") === 524_288 ? 1_048_576 : 524_288;
      change({
        "attic:image": image() === good ? other : good,
        "attic:server.maxNarInfoSize": narInfo,
        "attic:tokens.root.admin.generation": Number(declared("attic:tokens.root.admin.generation") ?? 1) + 1,
      });
    };
    let hit = 0;
    let doubtful = 0;
    let longest = 0;
    await unnoticed("updates that are killed", async () => {
      next();
      const whole = await timed(await startUpdate("atticctl deploy"));
      record(scenario, { what: "update that nobody kills", value: whole, unit: "s" });
      for (let i = 0; i < kills; i++) {
        const way = ways[i % 2] as (typeof ways)[number];
        next();
        const update = await startUpdate(way);
        await update.begun();
        await sleep(((i + 0.5) / kills) * whole * 1000);
        const killed = await update.kill();
        if (killed > 0) hit++;
        const doubts = pending();
        if (doubts.length > 0) doubtful++;
        console.log(
          `${way} killed at ${i + 0.5}/${kills}: ${killed} processes; in doubt: ${doubts.join(", ") || "nothing"}`,
        );
        const begun = performance.now();
        if (way === "atticctl deploy" && locked()) {
          const { code, stderr } = await runUpdate(way);
          expect(code, stderr).toBe(1);
          expect(stderr).toContain("pulumi cancel --stack live");
          await cancel();
        }
        const { code, stdout, stderr } = await runUpdate(way);
        expect(code, stdout + stderr).toBe(0);
        longest = Math.max(longest, (performance.now() - begun) / 1000);
        expect(locked()).toBe(false);
        expect(pending()).toEqual([]);
      }
      await expectSettled();
    });
    record(
      scenario,
      { what: "updates that were killed at work", value: hit, unit: "times" },
      { what: "updates that left a creation in doubt", value: doubtful, unit: "times" },
      { what: "longest until the next one had put it right", value: longest, unit: "s" },
    );
    expect(hit).toBeGreaterThan(kills / 2);
  }, 3_600_000);
});

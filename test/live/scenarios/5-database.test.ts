/**
 * The primary goes, and its node stays: by force, as when its container is killed and its pod with it, and on purpose,
 * by a switchover and by a restart where it is. What is promised: nothing that was acknowledged is lost, another primary takes over by itself, and
 * requests go well again without anybody's help. Not promised is that none fails meanwhile (docs/database.md).
 */
import { afterAll, describe, expect, test } from "vitest";
import { promote } from "../../support/live/database.ts";
import { everyPodBack, nodeOfPod, otherThan } from "../../support/live/nodes.ts";
import { record } from "../../support/live/report.ts";
import { change, deploy, restore, stackText } from "../../support/live/stack-file.ts";
import { expectNothingLost, underLoad } from "../../support/live/under-load.ts";
import { ctl, databaseHealthy, kubectl, primary, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";

/** In milliseconds. Each wait has an end of its own; this is more than all of them. */
const timeout = 1_500_000;

describe.skipIf(missing)("the database, when its primary goes", { timeout }, () => {
  afterAll(async () => {
    await ctl("verify", "--wait", "3m");
  });

  test("by force, has another primary at once and loses nothing", async () => {
    const scenario = "the primary's pod is deleted by force";
    const old = await primary();
    const figures = await underLoad(scenario, otherThan(await nodeOfPod(old)), async () => {
      await kubectl("delete", "pod", old, "--grace-period=0", "--force");
      const seconds = await until("another primary", 120, async () => (await primary()) !== old);
      record(scenario, { what: "seconds until there is another primary", value: seconds, unit: "s" });
      const healthy = seconds + (await databaseHealthy());
      record(scenario, { what: "seconds until all instances are well", value: healthy, unit: "s" });
    });
    expectNothingLost(figures);
    await everyPodBack();
  });

  test("on purpose, has the one that was asked for and loses nothing", async () => {
    const scenario = "another primary is asked for";
    const old = await primary();
    const replicas = (
      await kubectl("get", "cluster", "attic-pg", "-o", "jsonpath={.status.instanceNames[*]}")
    )
      .split(" ")
      .filter((name) => name !== old);
    const wanted = replicas[0] as string;
    const figures = await underLoad(scenario, otherThan(await nodeOfPod(old)), async () => {
      await promote(wanted);
      const seconds = await until("the other primary", 120, async () => (await primary()) === wanted);
      record(scenario, { what: "seconds until it is the primary", value: seconds, unit: "s" });
      const healthy = seconds + (await databaseHealthy());
      record(scenario, { what: "seconds until all instances are well", value: healthy, unit: "s" });
    });
    expectNothingLost(figures);
    expect(await primary()).toBe(wanted);
    await everyPodBack();
  });

  test("for a parameter, as with a higher maximum of replicas, is back before clients give up", async () => {
    const scenario = "the primary is restarted where it is";
    const old = await primary();
    const before = stackText();
    try {
      const figures = await underLoad(scenario, otherThan(await nodeOfPod(old)), async () => {
        change({ "attic:api.scaling.maxReplicas": 6 });
        await deploy();
        await databaseHealthy();
      });
      expectNothingLost(figures);
      expect(await primary()).toBe(old);
      // A client of the server's pool waits for 30 s; the operator's own settings kept everybody out for 180 s.
      expect(figures.rows.longestGap).toBeLessThan(30);
    } finally {
      await restore(before);
    }
  });
});

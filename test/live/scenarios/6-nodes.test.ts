/**
 * The node of the database's primary goes: drained, as for maintenance, and without a word, as when its power fails.
 * What is promised: nothing that was acknowledged is lost, the database fails over by itself, and all is well again
 * when the node is back. The second one is tried on the worst node there is: beside the primary it has the operator
 * that leads and the plugin of the backups, without both of which nobody fails over (docs/operators.md).
 */
import { afterAll, describe, expect, test } from "vitest";
import { killNode, startNode } from "../../../live/nodes/index.ts";
import { ensurePrograms } from "../../../live/programs.ts";
import { gatheredOn, leader } from "../../support/live/database.ts";
import { everyPodBack, nodeOfPod, numberOf, otherThan } from "../../support/live/nodes.ts";
import { record } from "../../support/live/report.ts";
import { expectNothingLost, underLoad } from "../../support/live/under-load.ts";
import { ctl, databaseHealthy, output, paths, primary, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

/** In milliseconds. Each wait has an end of its own; this is more than all of them. */
const timeout = 1_500_000;

describe.skipIf(missing || short)("the node of the primary", { timeout }, () => {
  afterAll(async () => {
    await ctl("verify", "--wait", "3m");
  });

  test("is drained, and nothing is lost", async () => {
    const scenario = "the primary's node is drained";
    const old = await primary();
    const node = await nodeOfPod(old);
    const figures = await underLoad(scenario, otherThan(node), async () => {
      const begun = performance.now();
      try {
        await output(
          ...["kubectl", "drain", node, "--ignore-daemonsets", "--delete-emptydir-data"],
          ...["--timeout=240s"],
        );
        const drained = (performance.now() - begun) / 1000;
        record(scenario, { what: "seconds that the drain takes", value: drained, unit: "s" });
        expect(await primary()).not.toBe(old);
      } finally {
        await output("kubectl", "uncordon", node);
      }
      const healthy = await databaseHealthy();
      const back = healthy + (await everyPodBack());
      record(
        scenario,
        {
          what: "seconds until all instances are well, once pods may run there again",
          value: healthy,
          unit: "s",
        },
        { what: "seconds until every pod is ready, once pods may run there again", value: back, unit: "s" },
      );
    });
    expectNothingLost(figures);
  });

  test("loses its power, with the operator that leads and the backups' plugin, and nothing is lost", async () => {
    const scenario = "the power of the primary's node fails";
    const { node, old } = await gatheredOn((await leader()).node);
    const programs = await ensurePrograms();
    const figures = await underLoad(scenario, otherThan(node), async () => {
      await killNode(paths, numberOf(node));
      try {
        const seconds = await until("another primary", 240, async () => (await primary()) !== old);
        record(scenario, { what: "seconds until there is another primary", value: seconds, unit: "s" });
        expect((await leader()).node).not.toBe(node);
      } finally {
        await startNode(paths, programs, numberOf(node));
      }
      const healthy = await databaseHealthy();
      const back = healthy + (await everyPodBack());
      record(
        scenario,
        { what: "seconds until all instances are well, once the node is back", value: healthy, unit: "s" },
        { what: "seconds until every pod is ready, once the node is back", value: back, unit: "s" },
      );
    });
    expectNothingLost(figures);
  });
});

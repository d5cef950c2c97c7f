/**
 * Under load the API becomes more pods, up to its maximum, and fewer again when it is over, by the CPU that real pods
 * use: up at once, down after five quiet minutes, as components/autoscaled-deployment/autoscaler.ts declares. Neither way
 * may fail a request. A person is told when the maximum has not been left for a quarter of an hour.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { alerts, notifications } from "../../../live/platform/monitoring/index.ts";
import { burst } from "../../support/live/load/index.ts";
import { type Figure, record } from "../../support/live/report.ts";
import { declared } from "../../support/live/stack-file.ts";
import { expectNothingNoticed, underTraffic } from "../../support/live/under-traffic.ts";
import { ctl, object, paths, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const scenario = "4-autoscaling";
const alert = "AtticAutoscalerAtMaximum";
const minute = 60;
/** How long the autoscaler remembers the highest count that it found right, in seconds. */
const stabilization = 5 * minute;
/** Uploads cost the API most: they are cut up, compressed and hashed. */
const uploads = { pushes: 6, pulls: 4, size: 300_000 };

interface Autoscaler {
  status: { currentReplicas?: number; desiredReplicas: number };
}
interface Deployment {
  status: { readyReplicas?: number };
}

const ready = async () => (await object<Deployment>("deployment", "attic"))?.status.readyReplicas ?? 0;
const wanted = async () => (await object<Autoscaler>("hpa", "attic"))?.status.desiredReplicas ?? 0;
const figure = (what: string, value: number, unit: Figure["unit"]) => record(scenario, { what, value, unit });

const state = async () =>
  (await alerts(paths)).find(({ labels }) => labels.alertname === alert)?.state ?? "inactive";

/** What the person on call was told of the alert last. */
const told = async () =>
  (await notifications(paths))
    .flatMap((each) => each.alerts)
    .filter(({ labels }) => labels.alertname === alert)
    .at(-1)?.status;

/** Misses and cache infos of the public cache: each is a question to the database. */
async function storm(seconds: number): Promise<{ answered: number; failed: number }> {
  const bursts = await Promise.all(
    [`/public/${"0".repeat(32)}.narinfo`, "/public/nix-cache-info"].map((path) => burst(path, 200, seconds)),
  );
  return {
    answered: bursts.reduce((sum, { answered }) => sum + answered, 0),
    failed: bursts.reduce((sum, { failed }) => sum + failed, 0),
  };
}

describe.skipIf(missing || short)("by the load that there is", () => {
  const minimum = () => Number(declared("attic:api.scaling.minReplicas"));
  const maximum = () => Number(declared("attic:api.scaling.maxReplicas"));
  let fullSince = 0;

  beforeAll(async () => {
    await ctl("verify", "--wait", "10m");
  });

  test("pods become as many as there may be, and no request fails", async () => {
    const sums = { answered: 0, failed: 0 };
    const figures = await underTraffic(
      scenario,
      "up to the maximum",
      async () => {
        let full = false;
        const stormed = (async () => {
          while (!full) {
            const { answered, failed } = await storm(15);
            sums.answered += answered;
            sums.failed += failed;
          }
        })();
        try {
          const before = await ready();
          figure(
            "from the load's beginning to the first pod more",
            await until("a pod more is ready", 300, async () => (await ready()) > before),
            "s",
          );
          await until("all pods that may be are ready", 300, async () => (await ready()) === maximum());
          fullSince = Date.now();
        } finally {
          full = true;
          await stormed;
        }
      },
      uploads,
    );
    figure("answered while pods came", sums.answered, "requests");
    expect(sums.failed).toBe(0);
    expectNothingNoticed(figures);
  });

  test(
    "a person is told when it has been so for a quarter of an hour",
    async () => {
      await until("the alert is pending", 2 * minute, async () => (await state()) === "pending");
      expect(await told()).not.toBe("firing");
      // Once in a while is enough: the autoscaler takes nothing away sooner.
      let over = false;
      const waves = (async () => {
        while (!over) {
          await underTraffic(scenario, "a wave", () => storm(40), uploads);
          for (let left = stabilization / 2; left > 0 && !over; left -= 1) await sleep(1000);
        }
      })();
      try {
        await until("the alert fires", 20 * minute, async () => (await state()) === "firing", 5000);
        await until("the person on call was told", 2 * minute, async () => (await told()) === "firing");
        figure("from the maximum to the person who is told", (Date.now() - fullSince) / 1000, "s");
      } finally {
        over = true;
        await waves;
      }
    },
    30 * minute * 1000,
  );

  test(
    "pods become as few as before when it is over, no request fails, and the alert ends",
    async () => {
      const figures = await underTraffic(
        scenario,
        "back to the minimum",
        async () => {
          figure(
            "from the load's end to the autoscaler's first step down",
            await until(
              "fewer are wanted",
              3 * stabilization,
              async () => (await wanted()) < maximum(),
              2000,
            ),
            "s",
          );
          await until(
            "as many are there as before",
            10 * minute,
            async () => (await ready()) === minimum(),
            2000,
          );
          await until("the alert has ended", 2 * minute, async () => (await state()) === "inactive");
          // Whoever was not told of it is not told of its end.
          if ((await told()) !== undefined)
            await until(
              "the person on call was told so",
              10 * minute,
              async () => (await told()) === "resolved",
              5000,
            );
        },
        { pushes: 0.2, pulls: 2, size: 20_000 },
      );
      expectNothingNoticed(figures);
    },
    40 * minute * 1000,
  );
});

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startTraffic, token } from "../../support/live/traffic/index.ts";
import { missing } from "../missing.ts";

describe.skipIf(missing)("through the ingress", () => {
  test("a path is pushed with a token for CI, and pulled with one that may only read", async () => {
    const traffic = await startTraffic({ pushes: 2, pulls: 4 });
    await sleep(5000);
    const { routes, lost } = await traffic.stop();
    for (const { requests, failures } of [routes.push, routes.narinfo, routes.nar]) {
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(5);
    }
    expect(lost).toEqual([]);
  });

  test("nothing is pushed with a token that may only read", async () => {
    const developers = await token("developers");
    const traffic = await startTraffic({
      tokens: { push: developers, pull: developers },
      pushes: 2,
      pulls: 0,
      first: 0,
    });
    await sleep(2000);
    const { routes, acknowledged } = await traffic.stop();
    expect(acknowledged).toBe(0);
    expect(routes.push.requests).toBeGreaterThan(0);
    expect(routes.push.failures.every(({ why }) => why.startsWith("403 "))).toBe(true);
  });
});

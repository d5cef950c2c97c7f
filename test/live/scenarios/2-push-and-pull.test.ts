import { describe, expect, test } from "vitest";
import { startTraffic, token } from "../../support/live/traffic/index.ts";
import { missing } from "../missing.ts";

describe.skipIf(missing)("through the ingress", () => {
  test("a path is pushed with a token for CI, and pulled with one that may only read", async () => {
    const traffic = await startTraffic({ pushes: 2, pulls: 4, seconds: 5 });
    const { routes, acknowledged, lost } = await traffic.stop();
    expect(routes.push.failures).toEqual([]);
    expect(routes.nar.failures).toEqual([]);
    expect(acknowledged).toBeGreaterThan(2);
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
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { routes, acknowledged } = await traffic.stop();
    expect(acknowledged).toBe(0);
    expect(routes.push.failures.every(({ why }) => why.startsWith("403 "))).toBe(true);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Settings } from "../../../config/schema/index.ts";
import { range } from "../../../cost/command.ts";
import { difference, estimate } from "../../../cost/estimate.ts";
import { readPrices } from "../../../cost/prices.ts";
import { stackConfig } from "../../support/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "prices-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of prices with this text. */
function file(text: string): string {
  const path = join(folder, "mine.yaml");
  writeFileSync(path, text);
  return path;
}

/** Prices that are easy to reckon with: a core or a GiB of memory is a cent an hour, everything else is free. */
const easy = readPrices(
  file(`
compute: { coreHour: 0.01, gibHour: 0.01 }
volumes: { gibMonth: 1 }
objects: { standardGibMonth: 2, infrequentGibMonth: 1, per1000Writes: 0, per1000Reads: 0 }
loadBalancer: { hour: 0 }
assume: { narGib: 100, backupGib: 10, infrequentShare: 0.5, writes: 1000, reads: 1000, loadBalancerSharedBy: 1 }
`),
);
const own: Settings["database"] = { provider: "cloudNativePg", cloudNativePg: { instances: 3 } };
const aws: Settings["objectStore"] = {
  provider: "aws",
  region: "eu-central-1",
  aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com" },
};
const rows = (settings: Partial<Settings>) =>
  Object.fromEntries(
    estimate(stackConfig(settings), easy).rows.map(({ id, low, high }) => [id, [low, high]]),
  );

describe("the estimate", () => {
  test("prices the API's pods by what they request, from the autoscaler's minimum to its maximum", () => {
    const resources = { requests: { cpu: "500m", memory: "512Mi" } };
    const { api } = rows({ api: { resources, scaling: { minReplicas: 2, maxReplicas: 10 } } });
    // Half a core and half a GiB are a cent an hour, of which a month has 730.
    expect(api).toEqual([14.6, 73]);
  });

  test("prices every instance of the database with a volume of its own, and its backups", () => {
    const found = rows({ database: own, objectStore: aws });
    expect(found.volumes).toEqual([30, 30]);
    expect(found.backups).toEqual([20, 20]);
  });

  test("leaves out what the stack does not have, and says so", () => {
    expect(Object.keys(rows({ ingress: { enabled: false } })).sort()).toEqual([
      "api",
      "collector",
      "nars",
      "requests",
    ]);
    expect(estimate(stackConfig(), easy).notPriced.join()).toContain("the database");
  });

  test("counts what is seldom read at its lower price, where a stack moves it", () => {
    expect(rows({ objectStore: aws }).nars).toEqual([150, 150]);
    expect(rows({ objectStore: { ...aws, infrequentAccessAfterDays: 0 } }).nars).toEqual([200, 200]);
  });

  test("adds up", () => {
    const { rows, total } = estimate(stackConfig({ database: own, objectStore: aws }), readPrices());
    expect(total.low).toBeCloseTo(
      rows.reduce((sum, { low }) => sum + low, 0),
      6,
    );
    expect(total.high).toBeCloseTo(
      rows.reduce((sum, { high }) => sum + high, 0),
      6,
    );
  });

  test("is the same for the same configuration", () => {
    expect(estimate(stackConfig(), easy)).toEqual(estimate(stackConfig(), easy));
  });
});

describe("the difference between two configurations", () => {
  const of = (settings: Partial<Settings>) => estimate(stackConfig({ objectStore: aws, ...settings }), easy);

  test("has the rows that changed, and those that came or went", () => {
    const changes = difference(of({}), of({ database: own, api: { scaling: { maxReplicas: 3 } } }));
    expect(changes.map(({ component }) => component)).toEqual([
      "API, 2 to 3 pods",
      "PostgreSQL, 3 instances",
      "PostgreSQL volumes",
      "Object storage, backups",
    ]);
    expect(changes.at(-1)).toMatchObject({ before: { low: 0, high: 0 }, after: { low: 20, high: 20 } });
  });

  test("has a row whose price changed at the least alone", () => {
    const scaled = (minReplicas: number) => of({ api: { scaling: { minReplicas, maxReplicas: 10 } } });
    const [change, ...others] = difference(scaled(3), scaled(10));
    expect(change?.before.low).toBeLessThan(change?.after.low ?? 0);
    expect(change?.before.high).toBe(change?.after.high);
    expect(others).toEqual([]);
  });

  test("is empty when nothing changed", () => {
    expect(difference(of({}), of({}))).toEqual([]);
  });
});

describe("prices of one's own", () => {
  test("replace those that they name, and only those", () => {
    const prices = readPrices(file("volumes: { gibMonth: 7 }"));
    expect(prices).toEqual({ ...readPrices(), volumes: { gibMonth: 7 } });
    expect(readPrices(file(""))).toEqual(readPrices());
  });

  test("that cannot be used are told with the file and every key", () => {
    const path = file("volumes: { gibMonth: cheap, gib: 1 }\nassume: { narGib: -1 }");
    expect(() => readPrices(path)).toThrow(new RegExp(`${path} has prices that cannot be used`));
    expect(() => readPrices(path)).toThrow(/volumes\.gibMonth[\s\S]*assume\.narGib/);
  });
});

test("a range of one price is one price", () => {
  expect(range(1, 1)).toBe("1.00");
  expect(range(1, 2.5)).toBe("1.00–2.50");
});

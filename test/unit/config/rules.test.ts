import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, millicores } from "../../../config/quantity.ts";
import { connectionBudget } from "../../../config/rules/index.ts";
import { externalDatabase, least, s3, stackConfig } from "../../support/settings.ts";

/** The rule's own words when the settings break it; undefined when they do not. */
function refusal(settings: Parameters<typeof stackConfig>[0], secretKeys?: string[]): string | undefined {
  try {
    stackConfig(settings, secretKeys);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("rules over several keys", () => {
  test.each([
    [
      "fewer replicas at most than at least",
      { api: { scaling: { minReplicas: 5, maxReplicas: 4 } } },
      "must be at least minReplicas, which is 5",
    ],
    [
      "a CPU limit below the request",
      { api: { resources: { requests: { cpu: "2" } } } },
      "must be at least the request, which is 2",
    ],
    [
      "a memory limit below the request",
      { api: { resources: { requests: { memory: "1Gi" } } } },
      "must be at least the request, which is 1Gi",
    ],
    [
      "no time to end in after the pause",
      { api: { preStopSeconds: 30, terminationGracePeriodSeconds: 35 } },
      "must leave at least 10 s after preStopSeconds",
    ],
    [
      "a schedule of garbage collection that never comes",
      { garbageCollection: { schedule: "0 0 30 2 *" } },
      'must be a schedule that runs: cannot read the schedule "0 0 30 2 *"',
    ],
    [
      "a backup at an hour that no day has",
      { database: { cloudNativePg: { backup: { schedule: "0 0 24 * * *" } } } },
      "got value 24 expected range 0-23",
    ],
    [
      "chunk sizes out of order",
      { server: { chunking: { minSize: 4, avgSize: 2, maxSize: 3 } } },
      "they are 4, 2 and 3",
    ],
    [
      "a level that the algorithm does not have",
      { server: { compression: { type: "xz" as const, level: 10 } } },
      "must be 0 to 9 for xz",
    ],
    [
      "a level for no compression",
      { server: { compression: { type: "none" as const, level: 1 } } },
      "must be left out with type none",
    ],
    [
      "hosts without the cache's own",
      { server: { allowedHosts: ["other.example.com"] } },
      "must contain attic:hostname",
    ],
    [
      "an endpoint at a host that is refused",
      { server: { apiEndpoint: "https://other.example.com/" } },
      "must name a host of server.allowedHosts",
    ],
    [
      "annotations of a Service that somebody else makes",
      { operators: { traefik: { serviceAnnotations: { "example.com/internal": "true" } } } },
      "goes with install: true",
    ],
    ["no password", { database: externalDatabase() }, "needs exactly one of password"],
    [
      "too few connections",
      { database: externalDatabase({ ...least.database.external, maxConnections: 100 }) },
      "must be at least 165",
    ],
  ])("refuse %s", (_, settings, words) => {
    expect(refusal(settings)).toContain(words);
  });

  test("refuse a role beside access keys, without printing the keys", () => {
    const objectStore = s3({
      roleArn: "arn:aws:iam::123456789012:role/attic",
      credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
    });
    expect(refusal({ objectStore }, ["objectStore"])).toContain("takes roleArn or credentials, not both");
  });

  test.each([
    [
      "the endpoint at a second allowed host",
      {
        server: {
          allowedHosts: [least.hostname, "api.example.com"],
          apiEndpoint: "https://api.example.com/",
        },
      },
    ],
    [
      "the least connections that fit",
      { database: externalDatabase({ ...least.database.external, maxConnections: connectionBudget(10) }) },
    ],
    ["the highest level of zstd", { server: { compression: { level: 22 } } }],
    ["as many replicas at most as at least", { api: { scaling: { minReplicas: 10, maxReplicas: 10 } } }],
  ])("accept %s", (_, settings) => {
    expect(refusal(settings)).toBeUndefined();
  });
});

describe("rules of the database and the object store", () => {
  const cluster = (
    cloudNativePg: NonNullable<NonNullable<Parameters<typeof stackConfig>[0]>["database"]>["cloudNativePg"],
  ) => ({
    database: { cloudNativePg },
    objectStore: s3({ credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" } }),
  });

  test.each([
    [
      "an external database without its section",
      { database: { provider: "external" as const } },
      "is required with provider external",
    ],
    [
      "an external section beside a cluster",
      { database: { external: least.database.external } },
      "goes with provider external",
    ],
    ["AWS without its section", { objectStore: { region: "eu-central-1" } }, "is required with provider aws"],
    [
      "backups in the bucket of the NARs",
      cluster({ backup: { bucket: "nix-cache" } }),
      "must not be the bucket of the NARs",
    ],
    ["backups that nobody may write", { database: {}, objectStore: s3({}) }, "has no way into its bucket"],
    [
      "a restore without backups",
      cluster({ backup: { enabled: false }, restore: { from: "attic-pg", serverName: "attic-pg-2" } }),
      "needs backup.enabled",
    ],
    [
      "a restore into the archive that it reads",
      cluster({ restore: { from: "attic-pg", serverName: "attic-pg" } }),
      "needs a serverName other than from",
    ],
    [
      "a restore to two targets",
      cluster({
        restore: {
          from: "attic-pg",
          serverName: "attic-pg-2",
          targetTime: "2026-11-20T10:30:00Z",
          targetName: "x",
        },
      }),
      "takes targetTime or targetName, not both",
    ],
    [
      "a request of memory below PostgreSQL's cache, which the operator would not take",
      cluster({ resources: { requests: { memory: "1023Mi" }, limits: { memory: "4Gi" } } }),
      "must be at least 1024Mi, a quarter of limits.memory, and is 1023Mi",
    ],
    ["a cluster with too few connections", cluster({ maxConnections: 100 }), "must be at least 165"],
    [
      "a daily backup written as cron of five fields",
      cluster({ backup: { schedule: "0 0 * * *" } }),
      "six fields, seconds first",
    ],
  ])("refuse %s", (_, settings, words) => {
    expect(refusal(settings, ["objectStore"])).toContain(words);
  });

  test.each([
    ["a cluster with backups by access keys", cluster({})],
    [
      "a cluster without backups and without a way to them",
      { database: { cloudNativePg: { backup: { enabled: false } } }, objectStore: s3({}) },
    ],
    ["a restore to the newest state", cluster({ restore: { from: "attic-pg", serverName: "attic-pg-2" } })],
    [
      "a request of memory that PostgreSQL's cache just fits into",
      cluster({ resources: { requests: { memory: "1Gi" }, limits: { memory: "4Gi" } } }),
    ],
  ])("accept %s", (_, settings) => {
    expect(refusal(settings, ["objectStore"])).toBeUndefined();
  });
});

describe("the connection budget", () => {
  test("counts ten for each replica, a quarter more in an update, the collector, a migration and a reserve", () => {
    expect(connectionBudget(10)).toBe((10 + 3 + 2) * 10 + 15);
  });

  test("never shrinks when replicas are added", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 199 }), (n) => connectionBudget(n + 1) > connectionBudget(n)),
    );
  });
});

describe("quantities", () => {
  test("of CPU are the same in cores and thousandths", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64_000 }),
        (m) => millicores(`${m}m`) === millicores(String(m / 1000)),
      ),
    );
  });

  test("of memory grow by 1024 from unit to unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (n) => {
        expect(bytes(`${n}Ki`)).toBe(n * 1024);
        expect(bytes(`${n}Mi`)).toBe(bytes(`${n * 1024}Ki`));
        expect(bytes(`${n}Gi`)).toBe(bytes(`${n * 1024}Mi`));
        expect(bytes(`${n}Ti`)).toBe(bytes(`${n * 1024}Gi`));
      }),
    );
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { databaseSuperuser, databaseTls } from "../../../../policies/database/access.ts";
import { backupRetention, backupSchedule, databaseBackups } from "../../../../policies/database/backups.ts";
import { connectionBudget } from "../../../../policies/database/connections.ts";
import { databaseInstances, databaseSpread } from "../../../../policies/database/instances.ts";
import { days } from "../../../../policies/database/retention.ts";
import { databaseImage, databaseStorage } from "../../../../policies/database/storage.ts";
import { amount } from "../../../../policies/framework/amount.ts";
import type { Policy } from "../../../../policies/framework/policy.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import {
  api,
  autoscaler,
  backupStore,
  change,
  cluster,
  collector,
  cronJob,
  migrations,
  scheduledBackup,
} from "../fixtures.ts";
import { fields, judge, only } from "../support.ts";

const PG = "spec.postgresql";
const stack = [api(), autoscaler(), collector(), migrations(), cluster(), scheduledBackup(), backupStore()];

test.each([
  databaseInstances,
  databaseSpread,
  databaseTls,
  databaseSuperuser,
  databaseStorage,
  databaseImage,
  databaseBackups,
  backupSchedule,
  backupRetention,
  connectionBudget,
])("$name has nothing against a stack without mistakes", (policy) => {
  expect(judge(policy, stack)).toEqual({ findings: [], open: [], unusedExceptions: [] });
});

test.each<[what: string, policy: Policy, changes: Record<string, unknown>, found: string[]]>([
  ["two instances", databaseInstances, { "spec.instances": 2 }, ["spec.instances"]],
  ["the operator's one", databaseInstances, { "spec.instances": undefined }, ["spec.instances"]],
  [
    "commits that wait for nobody",
    databaseInstances,
    { [`${PG}.synchronous`]: undefined },
    [`${PG}.synchronous`],
  ],
  [
    "instances that may share a node",
    databaseSpread,
    { "spec.affinity.podAntiAffinityType": "preferred" },
    ["spec.affinity.podAntiAffinityType"],
  ],
  [
    "instances that nothing keeps apart",
    databaseSpread,
    { "spec.affinity": undefined },
    ["spec.affinity.podAntiAffinityType"],
  ],
  [
    "instances kept apart over something else",
    databaseSpread,
    { "spec.affinity.topologyKey": "example.com/rack" },
    ["spec.affinity.topologyKey"],
  ],
  ["no rules of access", databaseTls, { [`${PG}.pg_hba`]: undefined }, [`${PG}.pg_hba`]],
  [
    "hostssl alone",
    databaseTls,
    { [`${PG}.pg_hba`]: ["hostssl all all all scram-sha-256"] },
    [`${PG}.pg_hba`],
  ],
  [
    "a plain connection before the refusal",
    databaseTls,
    { [`${PG}.pg_hba`]: ["host all all 10.0.0.0/8 scram-sha-256", "hostnossl all all all reject"] },
    [`${PG}.pg_hba[0]`],
  ],
  [
    "a refusal of some addresses",
    databaseTls,
    { [`${PG}.pg_hba`]: ["hostnossl all all 0.0.0.0/0 reject"] },
    [`${PG}.pg_hba`],
  ],
  [
    "a refusal that is commented out",
    databaseTls,
    { [`${PG}.pg_hba`]: ["# hostnossl all all all reject"] },
    [`${PG}.pg_hba`],
  ],
  [
    "trust and MD5",
    databaseTls,
    {
      [`${PG}.pg_hba`]: [
        "hostnossl all all all reject",
        "hostssl all all all trust",
        "hostssl all all all md5",
      ],
    },
    [`${PG}.pg_hba[1]`, `${PG}.pg_hba[2]`],
  ],
  [
    "MD5 passwords",
    databaseTls,
    { [`${PG}.parameters.password_encryption`]: "md5" },
    [`${PG}.parameters.password_encryption`],
  ],
  [
    "a superuser's login",
    databaseSuperuser,
    { "spec.enableSuperuserAccess": true },
    ["spec.enableSuperuserAccess"],
  ],
  [
    "a superuser for Attic",
    databaseSuperuser,
    { "spec.bootstrap.initdb.owner": "postgres" },
    ["spec.bootstrap.initdb.owner"],
  ],
  ["a small volume", databaseStorage, { "spec.storage.size": "9Gi" }, ["spec.storage.size"]],
  ["a volume of ten gigabytes", databaseStorage, { "spec.storage.size": "10G" }, ["spec.storage.size"]],
  ["no volume", databaseStorage, { "spec.storage": undefined }, ["spec.storage.size"]],
  [
    "no memory limit",
    databaseStorage,
    { "spec.resources.limits": undefined },
    ["spec.resources.limits.memory"],
  ],
  ["a major version", databaseImage, { "spec.imageName": "postgresql:17" }, ["spec.imageName"]],
  ["the latest version", databaseImage, { "spec.imageName": "postgresql:latest" }, ["spec.imageName"]],
  ["the operator's version", databaseImage, { "spec.imageName": undefined }, ["spec.imageName"]],
])("%s is found", (_, policy, changes, found) => {
  expect(fields(judge(policy, change(cluster(), changes)))).toEqual(found);
});

test.each<[string, Policy, Record<string, unknown>]>([
  ["a digest", databaseImage, { "spec.imageName": `postgresql@sha256:${"0".repeat(64)}` }],
  ["a catalog", databaseImage, { "spec.imageName": undefined, "spec.imageCatalogRef": { major: 17 } }],
  [
    "another refusal first, and spaces",
    databaseTls,
    {
      [`${PG}.pg_hba`]: [
        "hostssl all evil all reject",
        "hostnossl  all all   all reject # TLS only",
        "host all all all scram-sha-256",
      ],
    },
  ],
  ["local trust", databaseTls, { [`${PG}.pg_hba`]: ["local all all trust", "hostnossl all all all reject"] }],
  ["one instance on one node", databaseSpread, { "spec.instances": 1, "spec.affinity": undefined }],
])("%s is fine", (_, policy, changes) => {
  expect(judge(policy, change(cluster(), changes)).findings).toEqual([]);
});

test.each<[Policy, Record<string, unknown>]>([
  [databaseInstances, { "spec.instances": UNKNOWN }],
  [databaseSpread, { "spec.affinity": UNKNOWN }],
  [databaseTls, { [`${PG}.pg_hba`]: UNKNOWN }],
  [databaseStorage, { "spec.storage.size": UNKNOWN }],
  [databaseImage, { "spec.imageName": UNKNOWN }],
])("$name leaves open what is not known yet", (policy, changes) => {
  const { findings, open } = judge(policy, change(cluster(), changes));
  expect([findings.length, open.length]).toEqual([0, 1]);
});

describe("a stack's own figures", () => {
  test("count", () => {
    expect(
      judge(databaseInstances, change(cluster(), { "spec.instances": 2 }), { least: 2 }).findings,
    ).toEqual([]);
    expect(judge(databaseStorage, cluster(), { leastGibibytes: 50 }).findings).toHaveLength(1);
    const onNodes = change(cluster(), { "spec.affinity.topologyKey": "kubernetes.io/hostname" });
    expect(judge(databaseSpread, onNodes).findings).toEqual([]);
    expect(judge(databaseSpread, onNodes, { over: ["topology.kubernetes.io/zone"] }).findings).toHaveLength(
      1,
    );
  });
});

describe("backups", () => {
  test.each([
    [
      "no archive",
      [change(cluster(), { "spec.plugins": undefined }), scheduledBackup(), backupStore()],
      ["spec.plugins"],
    ],
    [
      "a plugin that archives nothing",
      [change(cluster(), { "spec.plugins.0.isWALArchiver": false }), scheduledBackup(), backupStore()],
      ["spec.plugins"],
    ],
    ["an archive that nobody makes", [cluster(), scheduledBackup()], ["spec.plugins"]],
    ["no schedule", [cluster(), backupStore()], ["metadata.name"]],
    [
      "another database's schedule",
      [cluster(), backupStore(), change(scheduledBackup(), { "spec.cluster.name": "other" })],
      ["metadata.name"],
    ],
    [
      "a schedule that is suspended",
      [cluster(), backupStore(), change(scheduledBackup(), { "spec.suspend": true })],
      ["metadata.name"],
    ],
  ])("%s is found", (_, resources, found) => {
    expect(fields(judge(databaseBackups, resources))).toEqual(found);
  });

  test("of the operator itself are backups, too", () => {
    const inTree = change(cluster(), {
      "spec.plugins": undefined,
      "spec.backup": { barmanObjectStore: { destinationPath: "s3://a" } },
    });
    expect(judge(databaseBackups, [inTree, scheduledBackup()]).findings).toEqual([]);
  });

  test.each([
    ["0 0 0 * * *", 0],
    ["0 30 */6 * * *", 0],
    ["@daily", 0],
    ["0 0 * * *", 1],
    ["0 0 0 * * SUN", 1],
    ["0 0 0 1 * *", 1],
    ["", 1],
    ["every day", 1],
    ["@weekly", 1],
  ])("at %j have %i findings", (schedule, count) => {
    expect(
      judge(backupSchedule, change(scheduledBackup(), { "spec.schedule": schedule })).findings,
    ).toHaveLength(count);
  });

  test("on some days are fine where the stack says so", () => {
    const weekly = change(scheduledBackup(), { "spec.schedule": "0 0 0 * * SUN" });
    expect(judge(backupSchedule, weekly, { everyDay: false }).findings).toEqual([]);
  });

  test.each([
    ["30d", 0],
    ["5w", 0],
    ["1m", 0],
    ["29d", 1],
    ["4w", 1],
    [undefined, 1],
    ["for ever", 1],
  ])("kept for %s have %i findings", (retention, count) => {
    expect(
      judge(backupRetention, change(backupStore(), { "spec.retentionPolicy": retention })).findings,
    ).toHaveLength(count);
  });
});

describe("connections", () => {
  // 10 replicas and 3 more of a rolling update, a collector, a migration, 10 each, and 15.
  const WANTED = 165;
  const withMax = (max: unknown) => [
    api(),
    autoscaler(),
    collector(),
    migrations(),
    change(cluster(), { [`${PG}.parameters.max_connections`]: max }),
  ];

  test("are enough to the very last one", () => {
    expect(judge(connectionBudget, withMax(String(WANTED))).findings).toEqual([]);
    const { found, problem } = only(judge(connectionBudget, withMax(String(WANTED - 1))));
    expect(found).toBe("164");
    expect(problem).toBe(
      "165 may be needed: attic 13, attic-gc 1, attic-migrate-1a2b3c4d 1 pods of 10 each, and 15 reserved",
    );
  });

  test("are PostgreSQL's hundred where nothing is said", () => {
    expect(only(judge(connectionBudget, withMax(undefined))).found).toBe("100");
  });

  test.each([
    ["a surge in pods", { "spec.strategy.rollingUpdate.maxSurge": 5 }, 185],
    ["no surge", { "spec.strategy.rollingUpdate.maxSurge": 0 }, 135],
    ["the default surge", { "spec.strategy": undefined }, 165],
    ["pods that are replaced", { "spec.strategy": { type: "Recreate" } }, 135],
  ])("count %s", (_, changes, wanted) => {
    const count = (max: number) => {
      const [, ...rest] = withMax(String(max));
      return judge(connectionBudget, [change(api(), changes), ...rest]).findings.length;
    };
    expect([count(wanted), count(wanted - 1)]).toEqual([0, 1]);
  });

  test("count a CronJob's run, and not who asks another database", () => {
    const other = { "spec.template.spec.containers.0.env.0.value": "db.example.com" };
    const [, , , , database] = withMax("25");
    expect(judge(connectionBudget, [change(api(), other), cronJob(), database as never]).findings).toEqual(
      [],
    );
    expect(
      judge(connectionBudget, [
        cronJob(),
        change(database as never, { [`${PG}.parameters.max_connections`]: "24" }),
      ]).findings,
    ).toHaveLength(1);
  });

  test("are left open where the autoscaler's maximum is not known yet", () => {
    const [deployment, hpa, ...rest] = withMax("1");
    const unknown = change(hpa as never, { "spec.maxReplicas": UNKNOWN });
    const { findings, open } = judge(connectionBudget, [deployment as never, unknown, ...rest]);
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("quantities", () => {
  test.each([
    ["512Mi", 2 ** 29],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["100m", 0.1],
    ["2", 2],
    ["10G", 1e10],
    ["", undefined],
    ["1Xi", undefined],
    ["1constructor", undefined],
    [undefined, undefined],
  ])("%s is %s", (text, value) => {
    expect(amount(text)).toBe(value);
  });

  test("days are days, weeks and months", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (count) => {
        expect([days(`${count}d`), days(`${count}w`), days(`${count}m`)]).toEqual([
          count,
          7 * count,
          30 * count,
        ]);
      }),
    );
    expect([days("0d"), days("1y"), days("d"), days(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

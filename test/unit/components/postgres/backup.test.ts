import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scheduledBackup } from "../../../../components/postgres/backup.ts";
import { serverName } from "../../../../components/postgres/bootstrap.ts";
import { cluster } from "../../../../components/postgres/cluster.ts";
import { databaseMonitor } from "../../../../components/postgres/monitor.ts";
import { objectStore } from "../../../../components/postgres/object-store.ts";
import { clusterOptions } from "../../../../components/postgres/options.ts";
import { databaseConfig, onAws, restore, withKeys } from "./settings.ts";

const role = "arn:aws:iam::123456789012:role/attic-pg";
const parameters = { barmanObjectName: "attic-pg", serverName: "attic-pg" };
const environment = (...args: Parameters<typeof databaseConfig>) =>
  objectStore(databaseConfig(...args)).spec.instanceSidecarConfiguration.env;

describe("the object store of the backups", () => {
  test("is a folder of a bucket of its own, at the endpoint of an S3-compatible store", () => {
    expect(objectStore(databaseConfig()).spec.configuration).toMatchObject({
      destinationPath: "s3://attic-pg-backup/attic-pg/",
      endpointURL: "https://s3.example.com",
    });
  });

  test("is AWS's when no endpoint is given", () => {
    const { configuration } = objectStore(databaseConfig({}, { objectStore: onAws })).spec;
    expect(configuration).not.toHaveProperty("endpointURL");
  });

  test("is believed by the certificate of an own authority, where the endpoint has one", () => {
    const caSecret = { name: "object-store-ca", key: "ca.crt" };
    const own = { ...withKeys, s3: { ...withKeys.s3, caSecret } };
    const { configuration } = objectStore(databaseConfig({}, { objectStore: own })).spec;
    expect(configuration.endpointCA).toEqual(caSecret);
    expect(objectStore(databaseConfig()).spec.configuration).not.toHaveProperty("endpointCA");
  });

  test("is opened with access keys by reference", () => {
    expect(objectStore(databaseConfig()).spec.configuration.s3Credentials).toEqual({
      accessKeyId: { name: "attic-secrets", key: "AWS_ACCESS_KEY_ID" },
      secretAccessKey: { name: "attic-secrets", key: "AWS_SECRET_ACCESS_KEY" },
    });
    expect(JSON.stringify(objectStore(databaseConfig()))).not.toMatch(/AKIAEXAMPLE|wJalrXUtnFEMI/);
  });

  test.each([
    ["on AWS", databaseConfig({}, { objectStore: onAws })],
    ["and wherever a role is configured for it", databaseConfig({ roleArn: role })],
  ])("is opened by the instances' role %s, without keys", (_, config) => {
    expect(objectStore(config).spec.configuration.s3Credentials).toEqual({ inheritFromIAMRole: true });
  });

  test("holds everything packed, for as long as configured", () => {
    const { configuration, retentionPolicy } = objectStore(databaseConfig()).spec;
    expect(configuration).toMatchObject({ wal: { compression: "gzip" }, data: { compression: "gzip" } });
    expect(retentionPolicy).toBe("30d");
    expect(objectStore(databaseConfig({ backup: { retention: "8w" } })).spec.retentionPolicy).toBe("8w");
  });

  test("names no server: the plugin refuses one here, the Cluster names it", () => {
    expect(objectStore(databaseConfig()).spec.configuration).not.toHaveProperty("serverName");
  });

  test("is told its region, and by compatible stores not to send checksums that they refuse", () => {
    const region = { name: "AWS_DEFAULT_REGION", value: "eu-central-1" };
    expect(environment({}, { objectStore: onAws })).toEqual([region]);
    expect(environment()).toEqual([
      region,
      { name: "AWS_REQUEST_CHECKSUM_CALCULATION", value: "when_required" },
      { name: "AWS_RESPONSE_CHECKSUM_VALIDATION", value: "when_required" },
    ]);
  });

  test("leaves the container that fills it room for a restore", () => {
    const { resources } = objectStore(databaseConfig()).spec.instanceSidecarConfiguration;
    expect(resources.limits.memory).toBe("1Gi");
  });
});

describe("backups", () => {
  test("archive every log under the database's own name", () => {
    expect(cluster(databaseConfig()).spec.plugins).toEqual([
      { name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true, parameters },
    ]);
  });

  test("are full at once, then every midnight, and their list outlives the Cluster", () => {
    expect(scheduledBackup(databaseConfig()).spec).toEqual({
      cluster: { name: "attic-pg" },
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
      schedule: "0 0 0 * * *",
      immediate: true,
      backupOwnerReference: "self",
    });
  });

  test("have six fields in their schedule, the first being seconds", () => {
    const schedule = "0 30 2 * * *";
    expect(scheduledBackup(databaseConfig({ backup: { schedule } })).spec.schedule).toBe(schedule);
    expect(() => databaseConfig({ backup: { schedule: "30 2 * * *" } })).toThrow("six fields, seconds first");
  });

  test("leave no trace in the Cluster when they are off", () => {
    expect(cluster(databaseConfig({ backup: { enabled: false } })).spec).not.toHaveProperty("plugins");
  });
});

describe("a restore", () => {
  const restored = (target: object = {}) =>
    cluster(databaseConfig({ restore: { from: "attic-pg", serverName: "attic-pg-2", ...target } })).spec;

  test("starts from the old archive and goes on in a new one of the same store", () => {
    const { bootstrap, externalClusters, plugins } = restored();
    expect(bootstrap).toEqual({ recovery: { source: "origin", database: "attic", owner: "attic" } });
    expect(externalClusters).toEqual([
      { name: "origin", plugin: { name: "barman-cloud.cloudnative-pg.io", parameters } },
    ]);
    expect(plugins[0].parameters).toEqual({ barmanObjectName: "attic-pg", serverName: "attic-pg-2" });
  });

  test.each([
    [{ targetTime: "2026-11-20T10:30:00Z" }, { targetTime: "2026-11-20T10:30:00Z" }],
    [
      { targetName: "before-migration", backupId: "20261120T000000" },
      { targetName: "before-migration", backupID: "20261120T000000" },
    ],
    [{ backupId: "20261120T000000" }, { backupID: "20261120T000000" }],
  ])("stops where %o says", (target, recoveryTarget) => {
    expect(restored(target).bootstrap.recovery.recoveryTarget).toEqual(recoveryTarget);
  });

  test("to a restore point needs the backup before it, or the operator refuses it", () => {
    expect(() => restored({ targetName: "before-migration" })).toThrow("must be given with backupId");
  });

  test("never creates a database beside the restored one", () => {
    expect(restored().bootstrap).not.toHaveProperty("initdb");
  });

  test("may fetch and replay for hours before Pulumi gives up", () => {
    expect(clusterOptions(databaseConfig()).customTimeouts?.create).toBe("30m");
    expect(clusterOptions(databaseConfig({ restore })).customTimeouts?.create).toBe("4h");
  });

  test("is read once: what it sets is left alone afterwards", () => {
    expect(serverName(databaseConfig({ restore }))).toBe("attic-pg-2");
    for (const config of [databaseConfig(), databaseConfig({ restore })]) {
      expect(clusterOptions(config).ignoreChanges).toEqual([
        "spec.bootstrap",
        "spec.externalClusters",
        "spec.plugins[0].parameters.serverName",
      ]);
    }
  });
});

describe("another major version", () => {
  test("archives under a name of its own, which reaches the running database", () => {
    const config = databaseConfig({ backup: { serverName: "attic-pg-18" } });
    expect(cluster(config).spec.plugins[0].parameters.serverName).toBe("attic-pg-18");
    expect(clusterOptions(config).ignoreChanges).toEqual(["spec.bootstrap", "spec.externalClusters"]);
  });

  test("cannot be named in a restore, which names its archive itself", () => {
    expect(() => databaseConfig({ restore, backup: { serverName: "attic-pg-18" } })).toThrow(
      "must be left out with restore",
    );
  });
});

test("the PodMonitor scrapes every instance of this Cluster and of no other", () => {
  expect(databaseMonitor(databaseConfig()).spec).toEqual({
    selector: { matchLabels: { "cnpg.io/cluster": "attic-pg" } },
    podMetricsEndpoints: [{ port: "metrics" }],
  });
});

test("the restore that docs/backups.md writes down is one that the configuration takes", () => {
  const page = readFileSync(new URL("../../../../docs/backups.md", import.meta.url), "utf8");
  const example = parse(page.match(/```yaml\n([^`]*restore:[^`]*)```/)?.[1] ?? "");
  const { restore: written } = example["attic:database"].cloudNativePg;
  expect(databaseConfig({ restore: written }).database.cloudNativePg.restore).toEqual(restore);
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cluster } from "../../../../components/postgres/cluster.ts";
import { databaseHosts } from "../../../../components/postgres/hosts.ts";
import { clusterOptions } from "../../../../components/postgres/options.ts";
import { sessionStatementTimeout } from "../../../../components/postgres/statement-timeout.ts";
import { connectionBudget } from "../../../../config/rules/index.ts";
import { stackConfig } from "../../../support/settings.ts";
import { databaseConfig } from "./settings.ts";

const spec = (...args: Parameters<typeof databaseConfig>) => cluster(databaseConfig(...args)).spec;
const parameters = (...args: Parameters<typeof databaseConfig>) => spec(...args).postgresql.parameters;

describe("the Cluster", () => {
  test("is attic-pg, and done when it is ready", () => {
    expect(cluster(databaseConfig())).toMatchObject({
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: {
        name: "attic-pg",
        namespace: "nix-cache",
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
        labels: {
          "app.kubernetes.io/name": "attic-pg",
          "app.kubernetes.io/component": "database",
          "app.kubernetes.io/version": "17.5-minimal-bookworm",
        },
      },
    });
  });

  test("is a primary and two replicas of the pinned image, with 10Gi, 512Mi to 1Gi and 250m to 1 CPU each", () => {
    expect(spec()).toMatchObject({
      instances: 3,
      imageName: "ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm",
      storage: { size: "10Gi", resizeInUseVolumes: true },
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } },
    });
  });

  test("leaves the StorageClass to the cluster, unless one is named", () => {
    expect(spec().storage).not.toHaveProperty("storageClass");
    expect(spec({ storage: { storageClass: "gp3" } }).storage.storageClass).toBe("gp3");
  });

  test("starts empty, with the database and its owner, checksums and an order that no C library changes", () => {
    expect(spec().bootstrap).toEqual({
      initdb: {
        database: "attic",
        owner: "attic",
        dataChecksums: true,
        encoding: "UTF8",
        localeCollate: "C",
        localeCType: "C",
        postInitSQL: ["ALTER ROLE postgres SET statement_timeout = 0"],
      },
    });
    expect(spec()).not.toHaveProperty("externalClusters");
  });

  test("holds no password: the operator makes it, in attic-pg-app", () => {
    expect(JSON.stringify(cluster(databaseConfig()))).not.toMatch(/secret(Name|Ref|:)|AKIA|wJalr/i);
  });

  test("has no superuser that can log in", () => {
    expect(spec().enableSuperuserAccess).toBe(false);
    expect(spec()).not.toHaveProperty("superuserSecret");
  });

  test("leaves monitoring to a PodMonitor of ours: the operator's is deprecated", () => {
    expect(spec()).not.toHaveProperty("monitoring");
  });

  test("hands on no labels that the operator sets itself", () => {
    expect(spec().inheritedMetadata).toEqual({ labels: { "app.kubernetes.io/part-of": "attic" } });
  });
});

describe("instances", () => {
  test("never share a node, and are spread over zones where that can be done", () => {
    expect(spec().affinity).toEqual({
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
    });
    expect(spec().topologySpreadConstraints).toMatchObject([
      { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
    ]);
  });

  test("never share a zone, when that is asked for", () => {
    const zones = spec({ spreadOver: "zones" });
    expect(zones.affinity.topologyKey).toBe("topology.kubernetes.io/zone");
    expect(zones).not.toHaveProperty("topologySpreadConstraints");
  });

  test("confirm a commit once a replica has it, as long as one is healthy", () => {
    expect(spec().postgresql.synchronous).toEqual({ method: "any", number: 1, dataDurability: "preferred" });
    expect(spec({ instances: 1 }).postgresql).not.toHaveProperty("synchronous");
    expect(spec()).not.toHaveProperty("minSyncReplicas");
  });

  test("are drained one at a time; a single one does not block the drain", () => {
    expect(spec().enablePDB).toBe(true);
    expect(spec({ instances: 1 }).enablePDB).toBe(false);
  });

  test("are updated without a person, replicas first and the primary in place", () => {
    expect(spec()).toMatchObject({
      primaryUpdateStrategy: "unsupervised",
      primaryUpdateMethod: "restart",
      smartShutdownTimeout: 0,
      stopDelay: 1800,
      switchoverDelay: 3600,
    });
  });
});

describe("who connects", () => {
  test("is refused without TLS before anything else is asked, and then needs a SCRAM password", () => {
    expect(spec().postgresql.pg_hba).toEqual([
      "hostnossl all all all reject",
      "hostssl all all all scram-sha-256",
    ]);
    expect(parameters().password_encryption).toBe("scram-sha-256");
  });

  test("is written down, and so is every change of the schema, but no other statement", () => {
    expect(parameters()).toMatchObject({
      log_connections: "on",
      log_disconnections: "on",
      log_statement: "ddl",
    });
  });

  test("finds a free connection, whatever the autoscaler's maximum and whatever is configured", () => {
    const maxConnections = fc.option(fc.integer({ min: 20, max: 3000 }), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), maxConnections, (maxReplicas, maxConnections) => {
        const needed = connectionBudget(maxReplicas);
        const api = { scaling: { minReplicas: 2, maxReplicas } };
        const found = () => Number(parameters({ maxConnections }, { api }).max_connections);
        if ((maxConnections ?? needed) < needed) expect(found).toThrow(`must be at least ${needed}`);
        else expect(found()).toBe(maxConnections ?? needed);
      }),
    );
  });
});

describe("a statement", () => {
  test("ends after a minute", () => {
    expect(parameters().statement_timeout).toBe("60s");
  });

  test("of a session that asked for more gets it", () => {
    expect(sessionStatementTimeout("15min")).toEqual({ PGOPTIONS: "-c statement_timeout=15min" });
  });

  test("of a backup may wait for its checkpoint: the superuser, and nobody else, has no limit", () => {
    expect(spec().bootstrap.initdb.postInitSQL).toEqual(["ALTER ROLE postgres SET statement_timeout = 0"]);
  });
});

describe("memory and disk", () => {
  test("follow the limits: a quarter of the memory for the cache, a quarter of the disk for a lost replica", () => {
    expect(parameters()).toMatchObject({
      shared_buffers: "256MB",
      effective_cache_size: "512MB",
      maintenance_work_mem: "64MB",
      max_slot_wal_keep_size: "2560MB",
    });
    const larger = {
      resources: { requests: { memory: "1Gi" }, limits: { memory: "4Gi" } },
      storage: { size: "40Gi" },
    };
    expect(parameters(larger)).toMatchObject({ shared_buffers: "1024MB", max_slot_wal_keep_size: "10240MB" });
  });

  test("every parameter is a text, as the operator wants it", () => {
    for (const value of Object.values(parameters())) expect(value).toBeTypeOf("string");
  });

  test("logs hold what replicas and the archive need, and no more", () => {
    expect(parameters().wal_level).toBe("replica");
  });
});

describe("protection", () => {
  test("keeps the Cluster, and with it its volumes, unless the stack may be thrown away", () => {
    expect(clusterOptions(databaseConfig())).toMatchObject({ protect: true, retainOnDelete: true });
    expect(clusterOptions(databaseConfig({}, { deletionProtection: false }))).toMatchObject({
      protect: false,
      retainOnDelete: false,
    });
  });
});

describe("the hosts", () => {
  test("are the operator's Services: the primary, the replicas, any of them", () => {
    expect(databaseHosts(databaseConfig())).toEqual({
      readWrite: "attic-pg-rw.nix-cache.svc",
      readOnly: "attic-pg-ro.nix-cache.svc",
      read: "attic-pg-r.nix-cache.svc",
    });
  });

  test("of an external database are its one", () => {
    expect(databaseHosts(stackConfig())).toEqual({ readWrite: "db.example.com" });
  });
});

test("the connections that docs/database.md promises are those that the database has", () => {
  const page = readFileSync(new URL("../../../../docs/database.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| (\d+) \|$/gm)].map((row) => row.slice(1).map(Number));
  expect(rows.length).toBeGreaterThan(3);
  for (const [maxReplicas = 0, connections] of rows) {
    const api = { scaling: { minReplicas: 2, maxReplicas } };
    expect(Number(parameters({}, { api }).max_connections)).toBe(connections);
  }
});

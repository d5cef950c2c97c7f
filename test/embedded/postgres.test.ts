import * as kubernetes from "@pulumi/kubernetes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { scheduledBackup } from "../../components/postgres/backup.ts";
import { cluster } from "../../components/postgres/cluster.ts";
import { Postgres } from "../../components/postgres/index.ts";
import { databaseMonitor } from "../../components/postgres/monitor.ts";
import { objectStore } from "../../components/postgres/object-store.ts";
import type { StackConfig } from "../../config/index.ts";
import type { KubeClient } from "../../embedded/control-plane/index.ts";
import { sharedClient } from "../support/control-plane.ts";
import { databaseConfig, onAws, restore } from "../unit/components/postgres/settings.ts";
import { eventually, kubeconfig, openStack, type TestStack } from "./providers/test-stack.ts";

/** Every object of a database, as the API server gets it. */
const objects = (config: StackConfig): Manifest[] => [
  objectStore(config),
  cluster(config),
  scheduledBackup(config),
  databaseMonitor(config),
];

const collections: Record<string, string> = {
  Cluster: "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters",
  ObjectStore: "/apis/barmancloud.cnpg.io/v1/namespaces/default/objectstores",
  PodMonitor: "/apis/monitoring.coreos.com/v1/namespaces/default/podmonitors",
  ScheduledBackup: "/apis/postgresql.cnpg.io/v1/namespaces/default/scheduledbackups",
};

describe("the API server, with the operators' own definitions,", () => {
  let client: KubeClient;
  beforeAll(async () => {
    client = await sharedClient();
  });
  afterAll(() => client.close());

  /** Has an object checked and not kept; unknown fields are errors. @returns its complaint, if any */
  async function complaint(manifest: Manifest): Promise<string | undefined> {
    const path = `${collections[manifest.kind]}/${manifest.metadata.name}`;
    const query = "fieldManager=test&force=true&dryRun=All&fieldValidation=Strict";
    const { status, text } = await client.call("PATCH", `${path}?${query}`, {
      body: { ...manifest, metadata: { ...manifest.metadata, namespace: "default" } },
      contentType: "application/apply-patch+yaml",
    });
    return status < 300 ? undefined : `${manifest.kind}: ${text}`;
  }

  test.each([
    ["a database with its defaults", databaseConfig()],
    [
      "one of a single instance without backups",
      databaseConfig({ instances: 1, backup: { enabled: false } }),
    ],
    ["one on AWS, spread over zones", databaseConfig({ spreadOver: "zones" }, { objectStore: onAws })],
    ["one with a class of storage", databaseConfig({ storage: { storageClass: "gp3" } })],
    ["one restored to a moment", databaseConfig({ restore })],
    [
      "one restored to a restore point",
      databaseConfig({
        restore: { from: "a", serverName: "b", targetName: "before", backupId: "20261120T000000" },
      }),
    ],
  ])("takes %s", async (_, config) => {
    for (const manifest of objects(config)) expect(await complaint(manifest)).toBeUndefined();
  });

  test("would tell of a field that does not exist, and of a server name in the store", async () => {
    const misspelt = cluster(databaseConfig());
    misspelt.spec.storage.sise = "1Gi";
    expect(await complaint(misspelt)).toContain("sise");
    const named = objectStore(databaseConfig());
    named.spec.configuration.serverName = "attic-pg";
    expect(await complaint(named)).toContain("use the 'serverName' plugin parameter");
  });
});

describe("a restore on a live stack", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());

  const path = () => `/apis/postgresql.cnpg.io/v1/namespaces/${stack.namespace}/clusters/attic-pg`;
  const live = () => stack.api.request<Manifest>("GET", path());

  function configure(...[cloudNativePg, more]: Parameters<typeof databaseConfig>): void {
    const config = { ...databaseConfig(cloudNativePg, more), namespace: stack.namespace };
    stack.program = () => {
      const provider = new kubernetes.Provider("cluster", { kubeconfig: kubeconfig() });
      new Postgres("postgres", { config }, { provider });
    };
  }

  /** Stands in for the operator, which alone can tell that a database is ready. */
  async function becomesReady(): Promise<void> {
    const lastTransitionTime = new Date().toISOString();
    const ready = {
      type: "Ready",
      status: "True",
      reason: "ClusterIsReady",
      message: "",
      lastTransitionTime,
    };
    await eventually(() =>
      stack.api
        .request("PATCH", `${path()}/status`, {
          body: { status: { conditions: [ready] } },
          contentType: "application/merge-patch+json",
        })
        .then(
          () => true,
          () => undefined,
        ),
    );
  }

  test("is what makes the Cluster the next time, and changes nothing before and after", async () => {
    configure();
    await Promise.all([stack.up(), becomesReady()]);
    const database = (await stack.state()).find(({ urn }) => urn.endsWith("Cluster::attic-pg"));
    expect(database).toMatchObject({ protect: true, retainOnDelete: true });

    // The database lives: `restore` does not reach it, not even the folder that it archives in.
    configure({ restore });
    expect((await stack.preview()).changes).toEqual({ same: 7 });

    // It is gone, and Pulumi learns of it, in spite of the protection.
    await stack.api.request("DELETE", path());
    expect(await stack.refresh()).toMatchObject({ delete: 1 });
    await Promise.all([stack.up(), becomesReady()]);
    const { bootstrap, plugins } = (await live()).spec;
    expect(bootstrap.recovery.recoveryTarget).toEqual({ targetTime: restore.targetTime });
    expect(bootstrap).not.toHaveProperty("initdb");
    expect(plugins[0].parameters.serverName).toBe("attic-pg-2");

    // Once restored, it stays what it is without `restore`, and goes on in its own archive.
    configure({ storage: { size: "20Gi" } });
    await stack.up();
    const { spec } = await live();
    expect(spec.storage.size).toBe("20Gi");
    expect(spec.bootstrap).toEqual(bootstrap);
    expect(spec.plugins).toEqual(plugins);

    // A name that is given for a running database reaches it, as another major version needs.
    configure({ backup: { serverName: "attic-pg-18" } });
    await stack.up();
    expect((await live()).spec.plugins[0].parameters.serverName).toBe("attic-pg-18");

    // Backups can be switched off all the same.
    configure({ backup: { enabled: false } });
    await stack.up();
    expect((await live()).spec).not.toHaveProperty("plugins");
  });
});

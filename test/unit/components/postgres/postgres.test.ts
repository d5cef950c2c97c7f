import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Postgres, type PostgresArgs } from "../../../../components/postgres/index.ts";
import type { StackConfig } from "../../../../config/index.ts";
import { type Recording, record } from "../../../../render/record.ts";
import { find, object } from "../../../support/record.ts";
import { databaseConfig, onAws, restore } from "./settings.ts";

const role = "arn:aws:iam::123456789012:role/attic-pg";

function recordPostgres(
  config: StackConfig,
  preview: boolean,
  args: (() => Partial<PostgresArgs>) | undefined = undefined,
): Promise<Recording> {
  const program = async () => {
    new Postgres("postgres", { config, ...args?.() });
    return {};
  };
  return record(program, { stack: "test", config: { values: {}, secretKeys: [] }, preview });
}

const made = ({ resources }: Recording) =>
  resources
    .filter(({ custom }) => custom)
    .map(({ type, name }) => `${type.split(":").pop()} ${name}`)
    .sort();

describe.each([
  ["in a preview", true],
  ["in an update", false],
])("the component, %s", (_, preview) => {
  test("makes the store, the Cluster and the schedule, in this order", async () => {
    const recording = await recordPostgres(databaseConfig(), preview);
    expect(made(recording)).toEqual([
      "Cluster attic-pg",
      "ObjectStore attic-pg",
      "PodMonitor attic-pg",
      "ScheduledBackup attic-pg",
    ]);
    const urn = (type: string) => find(recording, type, "attic-pg").urn;
    expect(find(recording, "Cluster", "attic-pg").dependsOn).toEqual([urn("ObjectStore")]);
    expect(find(recording, "ScheduledBackup", "attic-pg").dependsOn).toEqual([urn("Cluster")]);
  });

  test("makes the Cluster and its monitor alone when backups are off, without role, archive or schedule", async () => {
    const config = databaseConfig({ backup: { enabled: false } }, { objectStore: onAws });
    const recording = await recordPostgres(config, preview, () => ({ roleArn: role }));
    expect(made(recording)).toEqual(["Cluster attic-pg", "PodMonitor attic-pg"]);
    const { spec } = object(recording, "Cluster", "attic-pg");
    for (const field of ["plugins", "serviceAccountTemplate", "externalClusters"]) {
      expect(spec).not.toHaveProperty(field);
    }
  });

  test("has the instances assume the role that the object store makes", async () => {
    const config = databaseConfig({}, { objectStore: onAws });
    const recording = await recordPostgres(config, preview, () => ({ roleArn: pulumi.output(role) }));
    const { spec } = object(recording, "Cluster", "attic-pg");
    expect(spec.serviceAccountTemplate).toEqual({
      metadata: { annotations: { "eks.amazonaws.com/role-arn": role } },
    });
  });

  test("takes the configured role where none is made, and no role where there are keys", async () => {
    const configured = await recordPostgres(databaseConfig({ roleArn: role }), preview);
    expect(object(configured, "Cluster", "attic-pg").spec.serviceAccountTemplate).toEqual({
      metadata: { annotations: { "eks.amazonaws.com/role-arn": role } },
    });
    const keys = await recordPostgres(databaseConfig(), preview);
    expect(object(keys, "Cluster", "attic-pg").spec).not.toHaveProperty("serviceAccountTemplate");
  });

  test("is scraped, by a Prometheus that selects it, unless nothing is to be", async () => {
    const monitors = { labels: { release: "prometheus" } };
    const recording = await recordPostgres(databaseConfig({}, { observability: { monitors } }), preview);
    expect(object(recording, "PodMonitor", "attic-pg").metadata.labels).toMatchObject(monitors.labels);
    const off = databaseConfig({}, { observability: { monitors: { enabled: false } } });
    expect(made(await recordPostgres(off, preview))).not.toContain("PodMonitor attic-pg");
  });

  test("protects the Cluster alone: the rest can be made again", async () => {
    const { resources } = await recordPostgres(databaseConfig(), preview);
    const kept = resources.filter(({ protect }) => protect).map(({ type }) => type.split(":").pop());
    expect(kept).toEqual(["Cluster"]);
  });

  test("shows no secret", async () => {
    const recording = await recordPostgres(databaseConfig({ restore }), preview);
    expect(JSON.stringify(recording)).not.toMatch(/AKIAEXAMPLE|wJalrXUtnFEMI/);
  });
});

test("backups on AWS without a role stop the program: no instance could reach them", async () => {
  const config = databaseConfig({}, { objectStore: onAws });
  await expect(recordPostgres(config, true)).rejects.toThrow("the backups on AWS need roleArn");
});

import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { instanceNames, ofDatabase } from "../alerts/scope.ts";
import { series } from "../metrics/index.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { graph, stat, unit } from "./panels.ts";
import { window } from "./series.ts";

/** The stack's own PostgreSQL; one that exists elsewhere is watched elsewhere. */
export function database(config: StackConfig): Dashboard | undefined {
  if (config.database.provider !== "cloudNativePg") return undefined;
  return {
    name: "database",
    title: "Attic database",
    description: "Whether the database is there, keeps up, and has room left.",
    sections: [instances(config), load(config), room(config)],
  };
}

const byPod = (expr: string, how: "max" | "sum" = "max") => ({ "{{pod}}": `${how} by (pod) (${expr})` });

function instances(config: StackConfig): Section {
  const { namespace, database } = config;
  const { instances } = database.cloudNativePg;
  const up = series("cnpg_collector_up", { namespace, cluster: names.database });
  const recovery = series("cnpg_pg_replication_in_recovery", ofDatabase(config));
  return {
    title: "Instances",
    panels: [
      stat({
        title: "Instances up",
        description: `Instances whose PostgreSQL answers, of ${instances}.`,
        unit: unit.count,
        height: 8,
        expr: `sum(${up})`,
        steps: ["red", [1, "orange"], [instances, "green"]],
      }),
      stat({
        title: "Primaries",
        description:
          "Instances that take writes: exactly one. With none, every push fails, and every pull that asks the database.",
        unit: unit.count,
        height: 8,
        expr: `count(${recovery} == 0) or 0 * count(${up})`,
        steps: ["red", [1, "green"], [2, "red"]],
      }),
      graph({
        title: "Replication lag",
        description:
          "How many seconds each instance is behind the primary. A replica that is cut off and has replayed all it got " +
          "shows 0: the number of replicas beside it tells.",
        unit: unit.seconds,
        width: 8,
        lines: byPod(series("cnpg_pg_replication_lag", ofDatabase(config))),
      }),
      graph({
        title: "Replicas connected",
        description: `Replicas that stream from the primary: ${instances - 1} when all is well. Where it steps to another pod, that has become the primary.`,
        unit: unit.count,
        width: 8,
        lines: byPod(
          `${series("cnpg_pg_replication_streaming_replicas", ofDatabase(config))} and on (pod) ${recovery} == 0`,
        ),
      }),
    ],
  };
}

function load(config: StackConfig): Section {
  const all = ofDatabase(config);
  const own = { ...all, datname: config.database.name };
  const rate = (selector: string) => `rate(${selector}[${window}])`;
  const found = rate(series("cnpg_pg_stat_database_blks_hit", own));
  const read = rate(series("cnpg_pg_stat_database_blks_read", own));
  return {
    title: "Load",
    panels: [
      graph({
        title: "Connections",
        description:
          "Connections to each instance, against `max_connections`. Each process of Attic opens up to 10. When none is " +
          "left, requests wait for 30 s and fail.",
        unit: unit.count,
        // Replicas have senders of their own, which the limit does not count.
        lines: byPod(series("cnpg_backends_total", { ...all, usename: { not: "streaming_replica" } }), "sum"),
        limits: {
          max_connections: `max(${series("cnpg_pg_settings_setting", { ...all, name: "max_connections" })})`,
        },
      }),
      graph({
        title: "Transactions",
        description: "Transactions of Attic's database a second. What is rolled back has failed.",
        unit: unit.events,
        lines: {
          committed: `sum(${rate(series("cnpg_pg_stat_database_xact_commit", own))})`,
          "rolled back": `sum(${rate(series("cnpg_pg_stat_database_xact_rollback", own))})`,
        },
      }),
      graph({
        title: "Oldest transaction",
        description:
          "How long the oldest transaction has been open. Statements end after 60 s, the garbage collector's after half an " +
          "hour. While one is open, nothing that was deleted since can be cleaned up.",
        unit: unit.seconds,
        width: 8,
        lines: byPod(series("cnpg_backends_max_tx_duration_seconds", own)),
      }),
      graph({
        title: "Deadlocks and waiting",
        description:
          "Deadlocks within ten minutes, each a request that failed, and connections that wait for another's lock. Normal " +
          "is none.",
        unit: unit.count,
        width: 8,
        lines: {
          deadlocks: `sum(increase(${series("cnpg_pg_stat_database_deadlocks", own)}[10m]))`,
          waiting: `sum(${series("cnpg_backends_waiting_total", all)})`,
        },
      }),
      graph({
        title: "Found in memory",
        description:
          "The share of pages that were in PostgreSQL's cache, a quarter of the memory limit. When it falls while narinfos " +
          "get slower, the instances need more memory.",
        unit: unit.share,
        width: 8,
        max: 1,
        lines: { "{{pod}}": `sum by (pod) (${found}) / (sum by (pod) (${found}) + sum by (pod) (${read}))` },
      }),
    ],
  };
}

function room(config: StackConfig): Section {
  const all = ofDatabase(config);
  const { namespace, database } = config;
  const claims = { namespace, persistentvolumeclaim: instanceNames };
  const free = series("kubelet_volume_stats_available_bytes", claims);
  const capacity = series("kubelet_volume_stats_capacity_bytes", claims);
  return {
    title: "Room",
    panels: [
      graph({
        title: "Volumes",
        description:
          "How full each instance's volume is. A full one stops the database, and no failover helps: raise " +
          "`database.cloudNativePg.storage.size` before.",
        unit: unit.share,
        width: 8,
        max: 1,
        lines: {
          "{{persistentvolumeclaim}}": `max by (persistentvolumeclaim) (1 - ${free} / ${capacity})`,
        },
      }),
      graph({
        title: "Database size",
        description:
          "What Attic's database takes. It grows with paths and chunks; garbage collection lets it stay.",
        unit: unit.bytes,
        width: 8,
        lines: {
          [database.name]: `max(${series("cnpg_pg_database_size_bytes", { ...all, datname: database.name })})`,
        },
      }),
      graph({
        title: "Write-ahead logs",
        description:
          "What the logs take on each volume. They pile up while they cannot be archived, and for a replica that is away, " +
          "for that up to a quarter of the volume.",
        unit: unit.bytes,
        width: 8,
        lines: byPod(series("cnpg_collector_pg_wal", { ...all, value: "size" })),
      }),
    ],
  };
}

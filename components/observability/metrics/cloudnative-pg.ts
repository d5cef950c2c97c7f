import { counter, type Exporter, gauge } from "./exporter.ts";

/** What the PodMonitor `attic-pg` adds; the exporter itself does not know the namespace and the pod. */
const scraped = ["namespace", "pod"] as const;

/** What each instance says of itself without asking PostgreSQL, and whether PostgreSQL answered. */
export const instanceManager = {
  name: "CloudNativePG's instance manager",
  version: "1.30.0",
  source: "cloudnative-pg/cloudnative-pg:pkg/management/postgres/webserver/metricserver/pg_collector.go",
  scraped,
  metrics: {
    // It keeps its last value while the instance is being started, stopped or restarted.
    cnpg_collector_up: gauge("1 if PostgreSQL answers, 0 if it does not", ["cluster"]),
    cnpg_collector_fencing_on: gauge("1 if the instance is fenced: stopped on purpose"),
    cnpg_collector_pg_wal: gauge(
      "what the logs on the volume take (`size`, in bytes), and how many they are",
      ["value"],
    ),
    cnpg_collector_pg_wal_archive_status: gauge("logs that are still to be archived, and those that are", [
      "value",
    ]),
  },
} as const satisfies Exporter;

/**
 * What the operator's default queries read from PostgreSQL. While it does not answer they have no series at all.
 * The archiver's exist on the primary only.
 */
export const defaultQueries = {
  name: "CloudNativePG's default queries",
  version: "1.30.0, the same in 1.29.1",
  source: "cloudnative-pg/cloudnative-pg:config/manager/default-monitoring.yaml",
  scraped,
  metrics: {
    cnpg_backends_total: gauge("connections", ["datname", "usename", "application_name", "state"]),
    cnpg_backends_waiting_total: gauge("connections that wait for another's lock"),
    cnpg_backends_max_tx_duration_seconds: gauge("age of the oldest open transaction, in seconds", [
      "datname",
      "usename",
      "application_name",
      "state",
    ]),
    cnpg_pg_settings_setting: gauge("a setting that is a number or a switch", ["name"]),
    cnpg_pg_database_size_bytes: gauge("bytes on disk", ["datname"]),
    cnpg_pg_database_xid_age: gauge("transactions since the oldest one that is not frozen", ["datname"]),
    cnpg_pg_replication_lag: gauge(
      "seconds that a replica is behind; 0 when it has replayed all that it got",
    ),
    cnpg_pg_replication_in_recovery: gauge("1 on a replica, 0 on the primary"),
    cnpg_pg_replication_is_wal_receiver_up: gauge("1 on a replica that is connected to its primary"),
    cnpg_pg_replication_streaming_replicas: gauge("replicas that are connected to this instance"),
    cnpg_pg_stat_database_blks_hit: counter("pages that were in PostgreSQL's cache", ["datname"]),
    cnpg_pg_stat_database_blks_read: counter("pages that were not", ["datname"]),
    cnpg_pg_stat_database_xact_commit: counter("transactions that were committed", ["datname"]),
    cnpg_pg_stat_database_xact_rollback: counter("transactions that were rolled back", ["datname"]),
    cnpg_pg_stat_database_deadlocks: counter("deadlocks", ["datname"]),
    cnpg_pg_stat_archiver_archived_count: counter("logs that were archived"),
    cnpg_pg_stat_archiver_failed_count: counter("times that archiving a log failed"),
    cnpg_pg_stat_archiver_last_archived_time: gauge("when a log was archived last, in epoch seconds, or -1"),
    cnpg_pg_stat_archiver_last_failed_time: gauge(
      "when archiving a log failed last, in epoch seconds, or -1",
    ),
  },
} as const satisfies Exporter;

/**
 * What the backup plugin reads from its ObjectStore, on every instance alike; 0 for what there is none of. The
 * operator's own `cnpg_collector_*backup*` stay 0 with a plugin.
 */
export const barmanCloud = {
  name: "the Barman Cloud plugin",
  version: "0.13.0",
  source: "cloudnative-pg/plugin-barman-cloud:internal/cnpgi/instance/metrics.go",
  scraped,
  metrics: {
    barman_cloud_cloudnative_pg_io_last_available_backup_timestamp: gauge(
      "when the newest full backup ended, in epoch seconds",
    ),
    barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp: gauge(
      "when a full backup failed last, in epoch seconds",
    ),
    barman_cloud_cloudnative_pg_io_first_recoverability_point: gauge(
      "the oldest moment that can be restored, in epoch seconds",
    ),
  },
} as const satisfies Exporter;

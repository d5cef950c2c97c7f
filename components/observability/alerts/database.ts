import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { lines, ofDatabase, primary, seconds } from "./scope.ts";

/** Whether there is a database, how many copies of it, and whether it can do its work. */
export function database(config: StackConfig): RuleGroup[] {
  if (config.database.provider !== "cloudNativePg") return [];
  const replicated = config.database.cloudNativePg.instances > 1;
  return [
    {
      name: "attic-database-availability",
      rules: [down(config), noPrimary(config), instancesMissing(config), fenced(config)],
    },
    ...(replicated ? [{ name: "attic-database-replication", rules: replication(config) }] : []),
    { name: "attic-database-load", rules: load(config) },
  ];
}

function down(config: StackConfig): Alert {
  const { namespace } = config;
  return {
    alert: "AtticPostgresDown",
    expr: `${series("cnpg_collector_up", { namespace, cluster: names.database })} == 0`,
    for: "2m",
    severity: "critical",
    summary: "PostgreSQL on {{ $labels.pod }} does not answer",
    description:
      "The instance {{ $labels.pod }} runs, but PostgreSQL on it has not answered for 2 minutes. If it is the " +
      "primary, every push fails, and every pull that asks the database.",
  };
}

/** Nobody takes writes: neither the exporters see a primary, nor does Kubernetes have a ready instance. */
function noPrimary(config: StackConfig): Alert {
  const { namespace } = config;
  const all = ofDatabase(config);
  const up = series("cnpg_collector_up", { namespace, cluster: names.database });
  const ready = series("kube_pod_status_ready", { ...all, condition: "true" });
  return {
    alert: "AtticPostgresNoPrimary",
    expr: lines(
      `(count(${up} == 1) or vector(0))`,
      `and on () absent(${primary(config)})`,
      // What cannot be seen at all is no outage: AtticMetricsAbsent tells of it.
      "and on () (",
      `  count(${up})`,
      `  or count(${series("kube_pod_status_ready", { namespace })}) unless count(${ready} == 1)`,
      ")",
    ),
    for: "2m",
    severity: "critical",
    summary: "The database has no primary",
    description:
      "No instance of the database has taken writes for 2 minutes; {{ $value }} answer at all. Every push fails, " +
      "and every pull that asks the database.",
  };
}

function instancesMissing(config: StackConfig): Alert {
  const { namespace, database } = config;
  const { instances } = database.cloudNativePg;
  const ready = series("kube_pod_status_ready", { ...ofDatabase(config), condition: "true" });
  return {
    alert: "AtticPostgresInstancesMissing",
    expr: lines(
      `(sum(${ready}) or vector(0)) < ${instances}`,
      `and on () count(${series("kube_pod_status_ready", { namespace })})`,
    ),
    for: "15m",
    severity: "warning",
    summary: `{{ $value }} of ${instances} database instances are ready`,
    description:
      `Only {{ $value }} of ${instances} instances of the database have been ready for 15 minutes. One more that is ` +
      "lost may stop the cache.",
  };
}

function fenced(config: StackConfig): Alert {
  return {
    alert: "AtticPostgresFenced",
    expr: `${series("cnpg_collector_fencing_on", ofDatabase(config))} == 1`,
    for: "15m",
    severity: "warning",
    summary: "The database instance {{ $labels.pod }} is fenced",
    description:
      "Somebody fenced {{ $labels.pod }}: PostgreSQL on it is stopped, and stays so until the fence is lifted.",
  };
}

function replication(config: StackConfig): Alert[] {
  const all = ofDatabase(config);
  const inRecovery = series("cnpg_pg_replication_in_recovery", all);
  return [
    {
      alert: "AtticPostgresReplicationLag",
      expr: `${series("cnpg_pg_replication_lag", all)} > 60`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind the primary",
      description:
        "The replica {{ $labels.pod }} has been more than 60 s behind for 5 minutes, now " +
        "{{ $value | humanizeDuration }}. A failover to it would take as long to catch up, or lose as much.",
    },
    {
      // The lag of a replica that is cut off and has replayed all it got is 0.
      alert: "AtticPostgresReplicaDisconnected",
      expr: lines(
        `${series("cnpg_pg_replication_is_wal_receiver_up", all)} == 0`,
        `and on (namespace, pod) ${inRecovery} == 1`,
      ),
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.pod }} receives nothing from the primary",
      description:
        "The replica {{ $labels.pod }} has not been connected to the primary for 10 minutes. What it holds gets " +
        "older, whatever its lag says.",
    },
    {
      alert: "AtticPostgresNoReplica",
      expr: lines(
        `${series("cnpg_pg_replication_streaming_replicas", all)} == 0`,
        `and on (namespace, pod) ${primary(config)}`,
      ),
      for: "10m",
      severity: "critical",
      summary: "The primary {{ $labels.pod }} has no replica",
      description:
        "No replica has been connected to the primary {{ $labels.pod }} for 10 minutes. Commits wait for nobody, or, " +
        "while a replica's pod is ready all the same, for ever: then every push fails. If the primary's volume is lost " +
        "now, so is everything since the last archived log.",
    },
    {
      alert: "AtticPostgresPrimaryChanges",
      expr: `sum by (namespace) (resets(${inRecovery}[6h])) >= 2`,
      severity: "warning",
      summary: "The database's primary changed {{ $value }} times in 6 hours",
      description:
        "A replica became the primary {{ $value }} times in 6 hours. Each time pushes fail for up to half a minute; " +
        "something keeps ending the primary.",
    },
  ];
}

function load(config: StackConfig): Alert[] {
  const all = ofDatabase(config);
  const datname = config.database.name;
  // Replicas have senders of their own, which max_connections does not count.
  const connections = `sum by (namespace, pod) (${series("cnpg_backends_total", {
    ...all,
    usename: { not: "streaming_replica" },
  })})`;
  const limit = series("cnpg_pg_settings_setting", { ...all, name: "max_connections" });
  return [
    {
      alert: "AtticPostgresConnectionsHigh",
      expr: `${connections} / on (namespace, pod) max by (namespace, pod) (${limit}) > 0.8`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its connections",
      description:
        "{{ $value | humanizePercentage }} of max_connections of {{ $labels.pod }} have been in use for 5 minutes. " +
        "When none is left, requests wait 30 s and fail with 500.",
    },
    {
      alert: "AtticPostgresDeadlocks",
      expr: `increase(${series("cnpg_pg_stat_database_deadlocks", { ...all, datname })}[5m]) > 5`,
      severity: "warning",
      summary: '{{ $value | printf "%.0f" }} deadlocks in 5 minutes on {{ $labels.pod }}',
      description:
        'PostgreSQL on {{ $labels.pod }} broke {{ $value | printf "%.0f" }} deadlocks of the database ' +
        "{{ $labels.datname }} within 5 minutes. Each is a request that failed with 500.",
    },
    {
      alert: "AtticPostgresLongTransaction",
      expr: `max by (namespace, pod, usename, state) (${series("cnpg_backends_max_tx_duration_seconds", {
        ...all,
        datname,
      })}) > ${seconds.hour}`,
      for: "5m",
      severity: "warning",
      summary: "A transaction of {{ $labels.usename }} is {{ $value | humanizeDuration }} old",
      description:
        "On {{ $labels.pod }} a transaction of {{ $labels.usename }} ({{ $labels.state }}) has been open for " +
        "{{ $value | humanizeDuration }}. Until it ends, nothing that was deleted since can be cleaned up, and what " +
        "it locked stays locked.",
    },
    {
      alert: "AtticPostgresTransactionIds",
      expr: `max by (namespace, datname) (${series("cnpg_pg_database_xid_age", all)}) > 500000000`,
      for: "1h",
      severity: "warning",
      summary: "The database {{ $labels.datname }} is {{ $value | humanize }} transactions old",
      description:
        "The oldest row of {{ $labels.datname }} that is not frozen is {{ $value | humanize }} transactions old; " +
        "autovacuum should have frozen it at 200 million. At 2.1 billion PostgreSQL refuses every write.",
    },
  ];
}

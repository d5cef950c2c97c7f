/**
 * What Prometheus would know of a small stack in the namespace `nix-cache`: two pods of the API, three database
 * instances, and some traffic. Its labels are those that scraping leaves on them.
 *
 * @param now seconds since 1970
 * @param since how long it has been running, in seconds: counters grow by it
 */
export function exposition(now: number, since: number): string {
  return [...edge(now, since), ...kubernetes(since), ...database(now, since)].join("\n").concat("\n");
}

type Labels = Record<string, string | number>;

const line = (name: string, labels: Labels, value: number) =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${text}"`)
    .join(",")}} ${value}`;

const namespace = "nix-cache";
const day = 86_400;

/** Requests a second by route and status. Three of four narinfos are found. */
export const traffic: Record<string, Record<string, number>> = {
  narinfo: { 200: 30, 404: 10 },
  nar: { 200: 6, 307: 3 },
  "cache-info": { 200: 2 },
  upload: { 200: 2, 401: 1, 429: 1, 503: 1 },
  api: { 200: 5 },
  other: { 404: 1 },
  refused: { 401: 2 },
};

/** Every request takes between 100 and 200 ms. */
const bounds = ["0.1", "0.2", "0.3", "0.5", "1", "1.2", "2", "5", "30", "+Inf"];

function edge(now: number, since: number): string[] {
  const requests = Object.entries(traffic).flatMap(([route, codes]) =>
    Object.entries(codes).flatMap(([code, rate]) => {
      const service = `${namespace}-attic-${route}@kubernetescrd`;
      const labels = { service, code, router: `${route}-1`, method: "GET", protocol: "http" };
      const count = rate * since;
      return [
        line("traefik_router_requests_total", labels, count),
        line("traefik_router_requests_bytes_total", labels, count * 2000),
        line("traefik_router_responses_bytes_total", labels, count * 1000),
        line("traefik_router_request_duration_seconds_count", labels, count),
        ...bounds.map((le) =>
          line("traefik_router_request_duration_seconds_bucket", { ...labels, le }, le === "0.1" ? 0 : count),
        ),
      ];
    }),
  );
  const certificate = { exported_namespace: namespace, name: "attic" };
  return [
    ...requests,
    line("certmanager_certificate_expiration_timestamp_seconds", certificate, now + 60 * day),
  ];
}

function kubernetes(since: number): string[] {
  const autoscaler = { namespace, horizontalpodautoscaler: "attic" };
  const budget = { namespace, poddisruptionbudget: "attic" };
  const pods = ["attic-7d4b9c8f6-2xk9p", "attic-7d4b9c8f6-8hq4z"].flatMap((pod) => {
    const container = { namespace, pod, container: "attic" };
    return [
      line("kube_pod_container_resource_requests", { ...container, resource: "cpu" }, 0.1),
      line("kube_pod_container_resource_requests", { ...container, resource: "memory" }, 128 * 2 ** 20),
      line("kube_pod_container_resource_limits", { ...container, resource: "cpu" }, 1),
      line("kube_pod_container_resource_limits", { ...container, resource: "memory" }, 512 * 2 ** 20),
      line("kube_pod_container_status_restarts_total", container, 0),
      line("container_cpu_usage_seconds_total", { ...container, cpu: "total" }, 0.05 * since),
      line("container_memory_working_set_bytes", container, 64 * 2 ** 20),
      line("container_cpu_cfs_periods_total", container, 10 * since),
      line("container_cpu_cfs_throttled_periods_total", container, since),
    ];
  });
  return [
    line("kube_deployment_spec_replicas", { namespace, deployment: "attic" }, 2),
    line("kube_deployment_status_replicas_available", { namespace, deployment: "attic" }, 2),
    line("kube_deployment_status_replicas_available", { namespace, deployment: "attic-gc" }, 1),
    line("kube_horizontalpodautoscaler_status_desired_replicas", autoscaler, 2),
    line("kube_horizontalpodautoscaler_status_current_replicas", autoscaler, 2),
    line("kube_horizontalpodautoscaler_spec_min_replicas", autoscaler, 2),
    line("kube_horizontalpodautoscaler_spec_max_replicas", autoscaler, 10),
    line("kube_poddisruptionbudget_status_current_healthy", budget, 2),
    line("kube_poddisruptionbudget_status_desired_healthy", budget, 1),
    line("kube_poddisruptionbudget_status_pod_disruptions_allowed", budget, 1),
    ...pods,
  ];
}

function database(now: number, since: number): string[] {
  return [1, 2, 3].flatMap((number) => {
    const pod = `attic-pg-${number}`;
    const own = { namespace, pod };
    const primary = number === 1;
    const attic = { ...own, datname: "attic" };
    const backends = { ...attic, application_name: "", state: "idle" };
    const claim = { namespace, persistentvolumeclaim: pod };
    return [
      line("cnpg_collector_up", { ...own, cluster: "attic-pg" }, 1),
      line("cnpg_pg_replication_in_recovery", own, primary ? 0 : 1),
      line("cnpg_pg_replication_lag", own, primary ? 0 : 0.2),
      line("cnpg_pg_replication_streaming_replicas", own, primary ? 2 : 0),
      line("cnpg_backends_total", { ...backends, usename: "attic" }, 20),
      line("cnpg_backends_total", { ...backends, usename: "streaming_replica" }, primary ? 2 : 0),
      line("cnpg_backends_max_tx_duration_seconds", { ...backends, usename: "attic" }, 0.5),
      line("cnpg_backends_waiting_total", own, 0),
      line("cnpg_pg_settings_setting", { ...own, name: "max_connections" }, 165),
      line("cnpg_pg_database_size_bytes", attic, 2 ** 30),
      line("cnpg_pg_stat_database_blks_hit", attic, 99 * since),
      line("cnpg_pg_stat_database_blks_read", attic, since),
      line("cnpg_pg_stat_database_xact_commit", attic, 50 * since),
      line("cnpg_pg_stat_database_xact_rollback", attic, since),
      line("cnpg_pg_stat_database_deadlocks", attic, 0),
      line("cnpg_collector_pg_wal", { ...own, value: "size" }, 512 * 2 ** 20),
      line("cnpg_collector_pg_wal", { ...own, value: "count" }, 32),
      line("cnpg_collector_pg_wal_archive_status", { ...own, value: "ready" }, 1),
      line("cnpg_collector_pg_wal_archive_status", { ...own, value: "done" }, 30),
      line("kube_pod_status_ready", { ...own, condition: "true" }, 1),
      line("kubelet_volume_stats_available_bytes", claim, 6 * 2 ** 30),
      line("kubelet_volume_stats_capacity_bytes", claim, 10 * 2 ** 30),
      line("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", own, now - 3600),
      line("barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp", own, now - 5 * day),
      line("barman_cloud_cloudnative_pg_io_first_recoverability_point", own, now - 30 * day),
      // PostgreSQL archives on the primary alone.
      ...(primary
        ? [
            line("cnpg_pg_stat_archiver_archived_count", own, since),
            line("cnpg_pg_stat_archiver_failed_count", own, 0),
            line("cnpg_pg_stat_archiver_last_archived_time", own, now - 30),
          ]
        : []),
    ];
  });
}

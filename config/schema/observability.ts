import { z } from "zod";

/** Stands for where a stack's runbooks are read until it says so: nobody reads any there. */
export const placeholderOfRunbooks = "https://github.com/example/attic-pulumi/blob/main/docs/runbooks/";

const rules = z.strictObject({
  /**
   * Whether the recording rules and alerts are made, as PrometheusRule objects. They need the Prometheus operator's
   * API.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * Labels that the cluster's Prometheus selects its rules by (`ruleSelector`).
   * @default {}
   * @example { release: kube-prometheus-stack }
   */
  labels: z.record(z.string(), z.string()).default({}),
  /**
   * Where the runbooks are read: an alert's `runbook_url` is this with the alert's name and `.md` behind it.
   * @default "https://github.com/example/attic-pulumi/blob/main/docs/runbooks/"
   */
  runbooks: z
    .url({ protocol: /^https?$/, error: "an http(s) URL" })
    .endsWith("/", "an http(s) URL that ends in /")
    .default(placeholderOfRunbooks),
});

const slo = z.strictObject({
  /**
   * How many requests must have failed, or been too slow, before an alert on a share of them fires. It is what keeps
   * a single failure in a quiet night from paging, as one of twenty requests is five percent; a number of requests
   * altogether would also silence an outage in which few are made. The window is the alert's own.
   * @default 10
   */
  minimumBadRequests: z.int().min(1, "at least 1").default(10),
});

const dashboards = z.strictObject({
  /**
   * Whether Grafana's dashboards are made, as ConfigMaps that its sidecar loads.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * Labels that the sidecar selects its ConfigMaps by.
   * @default { grafana_dashboard: "1" }
   */
  labels: z.record(z.string(), z.string()).default({ grafana_dashboard: "1" }),
  /**
   * The folder in Grafana, which the sidecar reads from the annotation `grafana_folder`.
   * @default "Attic"
   */
  folder: z.string().min(1, "a folder's name").default("Attic"),
  /**
   * The `uid` of Grafana's data source for Prometheus that a dashboard opens with.
   * @default "prometheus"
   */
  datasource: z.string().min(1, "the uid of a data source").default("prometheus"),
});

const monitors = z.strictObject({
  /**
   * Whether Prometheus is told what to scrape, by PodMonitors: the database's instances, and the operators that the
   * stack installs itself. They need the Prometheus operator's API.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * Labels that the cluster's Prometheus selects its monitors by.
   * @default {}
   * @example { release: kube-prometheus-stack }
   */
  labels: z.record(z.string(), z.string()).default({}),
});

const logs = z.strictObject({
  /**
   * How many days the cluster's log store must keep the audit log: logins, logouts and schema changes of the
   * database. The stack ships no logs, so it is a requirement on whoever does.
   * @default 90
   */
  auditRetentionDays: z.int().min(1, "at least 1 day").default(90),
});

/** What is measured, and who is told. */
export const observability = z.strictObject({
  /** Recording rules and alerts. */
  rules: rules.prefault({}),
  /** When the alerts on service level objectives fire. */
  slo: slo.prefault({}),
  /** Grafana's dashboards. */
  dashboards: dashboards.prefault({}),
  /** What Prometheus scrapes. */
  monitors: monitors.prefault({}),
  /** What is asked of the log store. */
  logs: logs.prefault({}),
});

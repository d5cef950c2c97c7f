import { type AlertCases, type Case, gauge, type Labels, namespace, one } from "./case.ts";
import { instance, kubernetes, warning } from "./scraped.ts";

/** What each exporter says as long as it is scraped. */
const witnesses = {
  "kube-state-metrics": one("kube_deployment_spec_replicas", kubernetes({ deployment: "attic" })),
  "cloudnative-pg": one("cnpg_collector_up", instance(1, { cluster: "attic-pg" })),
  "barman-cloud": one("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", instance(1)),
  kubelet: one("kubelet_volume_stats_available_bytes", { namespace, persistentvolumeclaim: "attic-pg-1" }),
  "cert-manager": one("certmanager_certificate_ready_status", {
    exported_namespace: namespace,
    namespace: "cert-manager",
    name: "attic",
    condition: "True",
  }),
};

const all = Object.fromEntries(Object.values(witnesses).map((series) => [series, gauge(["2h", 1])]));

/** With what the alert takes over from the series that it looks for. */
const labels = (exporter: string): Labels =>
  warning({
    namespace,
    exporter,
    ...(exporter === "kube-state-metrics" && { deployment: "attic" }),
    ...(exporter === "cloudnative-pg" && { cluster: "attic-pg" }),
  });

function withoutOne(exporter: keyof typeof witnesses): Case {
  return {
    when: `${exporter} is not scraped any more`,
    series: { ...all, [witnesses[exporter]]: "1x9 stale" },
    fires: {
      "39m": [],
      "40m": [
        {
          labels: labels(exporter),
          says: {
            summary: `Prometheus has no metrics of ${exporter}`,
            description:
              `Prometheus has had no metrics of the stack from ${exporter} for 30 minutes. Every alert that needs ` +
              "them is quiet, whatever happens.",
          },
        },
      ],
    },
  };
}

/** Whether the other alerts can see anything. */
export const absent: AlertCases = {
  AtticMetricsAbsent: [
    ...(Object.keys(witnesses) as (keyof typeof witnesses)[]).map(withoutOne),
    { when: "everything is scraped", series: all, fires: { "31m": [], "119m": [] } },
    {
      when: "nothing is",
      series: {},
      fires: { "30m": Object.keys(witnesses).map((exporter) => ({ labels: labels(exporter) })) },
    },
    {
      when: "nothing is, in a stack that uses a database of somebody else's",
      stack: "least",
      series: {},
      fires: {
        "30m": ["kube-state-metrics", "cert-manager"].map((exporter) => ({ labels: labels(exporter) })),
      },
    },
  ],
};

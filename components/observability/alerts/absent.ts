import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { Alert, RuleGroup } from "../rule.ts";
import { ofCertificate } from "./certificate.ts";
import { instanceNames, ofDatabase } from "./scope.ts";

/** Whether the other alerts can see anything: an exporter that is not scraped keeps all of its alerts quiet. */
export function absent(config: StackConfig): RuleGroup[] {
  return [{ name: "attic-metrics-absent", rules: witnesses(config).map(blind) }];
}

/** One metric of each exporter, which is always there when the exporter is scraped. */
interface Witness {
  exporter: string;
  selector: string;
}

function witnesses(config: StackConfig): Witness[] {
  const { namespace, database, ingress } = config;
  const ownDatabase = database.provider === "cloudNativePg";
  const all: (Witness | false)[] = [
    {
      exporter: "kube-state-metrics",
      selector: series("kube_deployment_spec_replicas", { namespace, deployment: names.api }),
    },
    ownDatabase && {
      exporter: "cloudnative-pg",
      selector: series("cnpg_collector_up", { namespace, cluster: names.database }),
    },
    ownDatabase &&
      database.cloudNativePg.backup.enabled && {
        exporter: "barman-cloud",
        selector: series(
          "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
          ofDatabase(config),
        ),
      },
    ownDatabase && {
      exporter: "kubelet",
      selector: series("kubelet_volume_stats_available_bytes", {
        namespace,
        persistentvolumeclaim: instanceNames,
      }),
    },
    ingress.enabled && {
      exporter: "cert-manager",
      selector: ofCertificate(config, "certmanager_certificate_ready_status"),
    },
  ];
  return all.filter((witness) => witness !== false);
}

function blind({ exporter, selector }: Witness): Alert {
  return {
    alert: "AtticMetricsAbsent",
    expr: `absent(${selector})`,
    for: "30m",
    severity: "warning",
    summary: `Prometheus has no metrics of ${exporter}`,
    description: `Prometheus has had no metrics of the stack from ${exporter} for 30 minutes. Every alert that needs them is quiet, whatever happens.`,
    labels: { exporter },
  };
}

import type { StackConfig } from "../../../config/index.ts";
import { names, partOf } from "../../attic/names.ts";
import { labels } from "../../kubernetes/labels.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { autoscaling } from "./autoscaling.ts";
import { backups } from "./backups.ts";
import { type Dashboard, grafanaDashboard } from "./dashboard.ts";
import { database } from "./database.ts";
import { overview } from "./overview.ts";
import { tokens } from "./tokens.ts";
import { traffic } from "./traffic.ts";

/**
 * The stack's dashboards, each in a ConfigMap that Grafana's sidecar loads. There is none for what the stack does not
 * have, or does not measure.
 */
export function dashboards(config: StackConfig): Manifest[] {
  if (!config.observability.dashboards.enabled) return [];
  return stackDashboards(config).map((dashboard) => configMap(config, dashboard));
}

/** What `dashboards` puts into ConfigMaps. */
export function stackDashboards(config: StackConfig): Dashboard[] {
  return [overview, traffic, autoscaling, database, backups, tokens].flatMap((make) => make(config) ?? []);
}

function configMap(config: StackConfig, dashboard: Dashboard): Manifest {
  const { namespace, observability } = config;
  const { folder, labels: selected } = observability.dashboards;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${names.api}-dashboard-${dashboard.name}`,
      namespace,
      labels: { ...labels({ name: names.api, component: "observability", partOf }), ...selected },
      annotations: { grafana_folder: folder },
    },
    data: {
      // The sidecar writes the files of all namespaces into one folder.
      [`${namespace}-${partOf}-${dashboard.name}.json`]: `${JSON.stringify(grafanaDashboard(config, dashboard), null, 2)}\n`,
    },
  };
}

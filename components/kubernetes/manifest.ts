import { App, Chart } from "cdk8s";

/** A Kubernetes object as it is written in YAML. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // Specs differ by kind; the API server is what checks them.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  [field: string]: any;
}

/** The label that cdk8s-plus puts on pods to select them by; ours select by the recommended labels. */
const addressLabel = "cdk8s.io/metadata.addr";

/**
 * The objects that `build` adds to a cdk8s chart, as plain manifests in the order in which they were added.
 * Nothing is written to disk, and no Pulumi Output may be passed in: cdk8s cannot render one.
 * @param namespace written into every namespaced object
 */
export function manifests(namespace: string, build: (chart: Chart) => void): Manifest[] {
  const chart = new Chart(new App(), "chart", { namespace });
  build(chart);
  const built = chart.toJson() as Manifest[];
  for (const manifest of built) {
    const labels = podTemplate(manifest)?.metadata?.labels;
    if (labels) delete labels[addressLabel];
  }
  return built;
}

/** The pod template of a workload, whatever its kind; undefined where there is none. */
export function podTemplate({ kind, spec }: Manifest): Manifest | undefined {
  return kind === "CronJob" ? spec?.jobTemplate?.spec?.template : spec?.template;
}

/** The one manifest of a kind in a list. */
export function ofKind(kind: string, among: Manifest[]): Manifest {
  const found = among.filter((manifest) => manifest.kind === kind);
  if (found.length !== 1 || !found[0]) throw new Error(`expected one ${kind}, found ${found.length}`);
  return found[0];
}

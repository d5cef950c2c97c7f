import { barmanCloud, defaultQueries, instanceManager } from "./cloudnative-pg.ts";
import { certManager, traefik } from "./edge.ts";
import type { Exporter, Metric } from "./exporter.ts";
import { cadvisor, kubelet, kubeStateMetrics } from "./kubernetes.ts";
import { tokens } from "./own.ts";

export type { Exporter, Metric } from "./exporter.ts";

const all = {
  instanceManager,
  defaultQueries,
  barmanCloud,
  kubeStateMetrics,
  kubelet,
  cadvisor,
  certManager,
  traefik,
  tokens,
} as const;

/** Everything that Prometheus can know of the stack. Attic itself has no metrics. */
export const exporters: readonly Exporter[] = Object.values(all);

type MetricsOf<E> = E extends { metrics: infer M } ? M : never;
type UnionToIntersection<U> = (U extends unknown ? (of: U) => void : never) extends (of: infer I) => void
  ? I
  : never;

/** The metrics that the stack uses, by name. */
type Catalogue = UnionToIntersection<MetricsOf<(typeof all)[keyof typeof all]>>;

/** The name of a metric that one of the exporters really has. */
export type MetricName = keyof Catalogue;

/** Labels that queries may use on a metric: its own, and what scraping adds. */
type LabelOf<N extends MetricName> = Catalogue[N] extends { labels: readonly (infer L)[] }
  ? L | ScrapedWith<N>
  : never;

type ScrapedWith<N extends MetricName> = {
  [E in keyof typeof all]: N extends keyof (typeof all)[E]["metrics"]
    ? (typeof all)[E]["scraped"][number]
    : never;
}[keyof typeof all];

/** A metric by the name of its series, with the exporter that has it; undefined for one that none has. */
export function metric(name: string): { exporter: Exporter; metric: Metric } | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  for (const exporter of exporters) {
    const [exact, whole] = [name, base].map((key) =>
      Object.hasOwn(exporter.metrics, key) ? exporter.metrics[key] : undefined,
    );
    if (exact && exact.type !== "histogram") return { exporter, metric: exact };
    if (whole?.type === "histogram" && base !== name) return { exporter, metric: whole };
  }
  return undefined;
}

/** What a label has to be: this text, not this text, or something of which all matches this expression. */
type Matcher = string | { not: string } | RegExp;

/**
 * A PromQL selector of a metric from the catalogue: neither a metric nor a label that does not exist passes the type
 * check.
 */
export function series<N extends MetricName>(
  name: N,
  matchers: Partial<Record<LabelOf<N> & string, Matcher>>,
): string {
  const written = Object.entries(matchers as Record<string, Matcher>).map(([label, value]) => {
    if (typeof value === "string") return `${label}=${JSON.stringify(value)}`;
    if (value instanceof RegExp) return `${label}=~${JSON.stringify(value.source)}`;
    return `${label}!=${JSON.stringify(value.not)}`;
  });
  return `${name}{${written.join(", ")}}`;
}

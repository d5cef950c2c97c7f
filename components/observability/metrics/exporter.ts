/** A metric as its exporter describes it. */
export interface Metric {
  type: "counter" | "gauge" | "histogram";
  /** What it counts or measures, in its unit. */
  means: string;
  /** The labels of its own that queries may select or group by. */
  labels: readonly string[];
}

/** Where a set of metrics comes from. */
export interface Exporter {
  /** What people call it. */
  name: string;
  /** The version whose source the metrics were looked up in. */
  version: string;
  /** The public repository, and the file in it that defines them. */
  source: string;
  /** Labels that scraping adds and queries may rely on, as the stack's monitors and the usual ones set them. */
  scraped: readonly string[];
  /** The metrics that the stack uses, by name. A histogram's series are `<name>_bucket`, `_sum` and `_count`. */
  metrics: Record<string, Metric>;
}

/** A metric that goes up and down. */
export const gauge = <const L extends string>(means: string, labels: readonly L[] = []) => ({
  type: "gauge" as const,
  means,
  labels,
});

/** A metric that only grows, but for restarts. */
export const counter = <const L extends string>(means: string, labels: readonly L[] = []) => ({
  type: "counter" as const,
  means,
  labels,
});

/** A metric that counts observations by their size. */
export const histogram = <const L extends string>(means: string, labels: readonly L[] = []) => ({
  type: "histogram" as const,
  means,
  labels,
});

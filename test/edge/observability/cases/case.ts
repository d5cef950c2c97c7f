import type { MetricName } from "../../../../components/observability/metrics/index.ts";

/** What happens to the metrics, and which alerts it makes. */
export interface Case {
  /** What happens, for the test's name: "a fifth of the pulls fail". */
  when: string;
  /** The stack whose rules are tested. @default "production" */
  stack?: string;
  /** When the first sample is taken. @default "1970-01-01T00:00:00Z" */
  start?: string;
  /** How far apart two samples are, and two evaluations. Long cases take less time with fewer. @default "1m" */
  every?: Every;
  /** Values by series, in promtool's notation, as `gauge` and `counter` write it. */
  series: Record<string, string>;
  /** What fires, by how long after the first sample. An empty list says that nothing does. */
  fires: Record<string, Firing[]>;
}

/** An alert that fires. */
export interface Firing {
  /** All of its labels but `alertname`. */
  labels: Labels;
  /** What a person reads, as far as the case is about it: both, or neither. */
  says?: { summary: string; description: string };
}

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** The cases of each alert, by its name. */
export type AlertCases = Readonly<Record<string, readonly Case[]>>;

/** The namespace of the stack that most cases are about. */
export const namespace = "nix-cache";

/** A series with the labels that it has in Prometheus. Its metric is one that an exporter really has. */
export function one(
  metric: MetricName | `${MetricName}_${"bucket" | "count" | "sum"}`,
  labels: Labels,
): string {
  const written = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${metric}{${written.join(",")}}`;
}

/** When cases about the time of day begin. */
export const start = "2026-01-01T00:00:00Z";

/** Seconds since 1970, so many hours after that start. */
export const at = (hours: number) => Date.parse(start) / 1000 + hours * 3600;

/** What goes into the 5 minutes of the shortest window at least twice. */
export type Every = "1m" | "4m";

/** How long something lasts, in minutes, hours or days. */
export type Span = `${number}${"m" | "h" | "d"}`;

/** One value after another, each for a while; `undefined` for no sample at all. */
type Phases = readonly (readonly [Span, number | undefined])[];

const minutes = (span: Span) =>
  Number.parseInt(span, 10) * { m: 1, h: 60, d: 1440 }[span.slice(-1) as "m" | "h" | "d"];

/** A gauge that has one value after another. Samples are a minute apart. */
export function gauge(...phases: Phases): string {
  return phases
    .map(([span, value]) => (value === undefined ? `_x${minutes(span)}` : `${value}x${minutes(span) - 1}`))
    .join(" ");
}

/** A counter that grows by so much a minute. Samples are a minute apart. */
export const counter = (...phases: Phases) => counterEvery("1m", ...phases);

/** A counter whose samples are further apart. Each phase lasts a multiple of that. */
export function counterEvery(every: Every, ...phases: Phases): string {
  const apart = minutes(every);
  // One that has counted for long: of a counter near 0 Prometheus takes it that it has just begun.
  let total = 1_000_000;
  return phases
    .map(([span, growth]) => {
      const samples = minutes(span) / apart;
      if (growth === undefined) return `_x${samples}`;
      const from = total;
      total += growth * minutes(span);
      return `${from}+${growth * apart}x${samples - 1}`;
    })
    .join(" ");
}

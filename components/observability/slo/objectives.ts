import type { RouteId } from "../../ingress/routes.ts";
import type { Window } from "./window.ts";

/** Which requests are looked at, and what makes one of them bad. */
export interface Indicator {
  /** The routes whose requests count. */
  routes: readonly RouteId[];
  /** The status codes that count, as PromQL matches them. @default all */
  answered?: string;
  /** A request is bad when it is answered with such a status code, as PromQL matches it, or later than this. */
  bad: { answered: string } | { afterSeconds: number };
}

/** What is promised: the share of requests that are not bad, over a period that ends now. */
export interface Objective {
  /** Its name, for instance `availability`: the label `sloth_slo`. */
  slo: string;
  /** What is promised, in a few words. */
  title: string;
  /** What a person reads when it is not so, behind a share: "3 % of … fail". */
  complaint: string;
  /** The share of good requests, in percent. */
  percent: number;
  /** The period. */
  period: Window;
  /** What is counted. */
  indicator: Indicator;
  /**
   * Which alerts tell that its error budget is being used up too fast. Without, it is recorded and shown only: an
   * objective of the same requests over a longer period has alerts that fire first.
   */
  alerts?: "availability" | "latency";
}

/**
 * Requests that failed: those that the server, or Traefik in its place, answered with 5xx.
 *
 * - `narinfo`: a 404 is a cache miss and as good an answer as a hit.
 * - `nar`: a download that breaks off midway is not among them: Traefik counts it nowhere.
 * - `upload`: 499 is not bad: Traefik reports it for a client that went away, as that of a cancelled job does. Where
 *   it went away while it sent over HTTP/1.1, Traefik reports 500 or 502 about half of the time, which cannot be told
 *   from a failure.
 * - `other` takes what no client of a cache asks for, with scanners' mistakes that the server answers with 500, so it
 *   counts against nothing. Nor do requests that are refused at the edge.
 */
export const failed: Indicator = {
  routes: ["narinfo", "nar", "cacheInfo", "upload", "api"],
  bad: { answered: "5.." },
};

/** Cache hits that took longer than 500 ms. */
const slowHit: Indicator = { routes: ["narinfo"], answered: "2..", bad: { afterSeconds: 0.5 } };

/** Answers to whoever looks something up, whatever they say, that took longer than 2 s. */
export const verySlow: Indicator = { routes: ["narinfo", "cacheInfo"], bad: { afterSeconds: 2 } };

/**
 * The objectives. Latency is promised as the share of requests within a bound of Traefik's histogram, which is what
 * a percentile says: the 99th is below 500 ms exactly when 99 % are. The share has an error budget, and is exact.
 *
 * `nar` has none: how long a NAR takes is a matter of its size and the client's line. So is an upload, but for the
 * work that the server does on it; its bound is wide.
 */
export const objectives = [
  {
    slo: "availability",
    title: "requests answered without a server error",
    complaint: "requests fail with a server error",
    percent: 99.9,
    period: "30d",
    indicator: failed,
    alerts: "availability",
  },
  {
    slo: "availability-7d",
    title: "requests answered without a server error, over a week",
    complaint: "requests fail with a server error",
    percent: 99.9,
    period: "7d",
    indicator: failed,
  },
  {
    slo: "availability-1d",
    title: "requests answered without a server error, over a day",
    complaint: "requests fail with a server error",
    percent: 99.5,
    period: "1d",
    indicator: failed,
  },
  {
    slo: "latency-cache-hit",
    title: "cache hits answered within 500 ms",
    complaint: "cache hits take longer than 500 ms",
    percent: 99,
    period: "30d",
    indicator: slowHit,
    alerts: "latency",
  },
  {
    slo: "latency-cache-info",
    title: "cache infos answered within 200 ms",
    complaint: "cache infos take longer than 200 ms",
    percent: 99,
    period: "30d",
    indicator: { routes: ["cacheInfo"], answered: "2..", bad: { afterSeconds: 0.2 } },
    alerts: "latency",
  },
  {
    slo: "latency-cache-miss",
    title: "cache misses answered within 1 s",
    complaint: "cache misses take longer than 1 s",
    percent: 99,
    period: "30d",
    indicator: { routes: ["narinfo"], answered: "404", bad: { afterSeconds: 1 } },
    alerts: "latency",
  },
  {
    slo: "latency-upload",
    title: "uploads stored within 30 s",
    complaint: "uploads take longer than 30 s",
    percent: 99,
    period: "30d",
    indicator: { routes: ["upload"], answered: "2..", bad: { afterSeconds: 30 } },
    alerts: "latency",
  },
] as const satisfies Objective[];

/** The names of the objectives. */
export type Slo = (typeof objectives)[number]["slo"];

/** An objective by its name. */
export const objective = (slo: Slo): Objective => objectives.find((each) => each.slo === slo) as Objective;

/** The share of requests that may fail within these windows, in percent; an alert tells when more do. */
export const errorRateTargets = [
  { window: "5m", spoken: "five minutes", percent: 0.1 },
  { window: "1h", spoken: "hour", percent: 0.05 },
  { window: "1d", spoken: "day", percent: 0.01 },
] as const satisfies { window: Window; spoken: string; percent: number }[];

/** The share of an objective's requests that may be bad. */
export const budget = ({ percent }: Objective) => (100 - percent) / 100;

/**
 * The labels that every series of an objective has, by the convention of Sloth. The namespace is in them, so that
 * two stacks in one Prometheus do not write the same series.
 */
export function sloLabels(namespace: string, { slo }: Pick<Objective, "slo">) {
  const service = sloService(namespace);
  return { sloth_id: `${service}-${slo}`, sloth_service: service, sloth_slo: slo };
}

/** The label `sloth_service` of a stack's objectives, for instance `nix-cache-attic`. */
export const sloService = (namespace: string) => `${namespace}-attic`;

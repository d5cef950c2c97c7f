import { type Labels, namespace } from "./case.ts";

/**
 * An object of the stack as kube-state-metrics shows it, whose own labels win over those of scraping.
 * @param number of the exporter's pod: one that is replaced has another
 */
export const kubernetes = (labels: Labels, number = 9): Labels => ({
  job: "kube-state-metrics",
  instance: `10.244.0.${number}:8080`,
  pod: `kube-state-metrics-5d9c7b6f4-${number}`,
  container: "kube-state-metrics",
  endpoint: "http",
  service: "kube-state-metrics",
  ...labels,
  namespace,
});

/** An object of the stack as an alert names it: nothing of who told of it. */
export const object = (labels: Labels): Labels => ({ ...labels, namespace });

/** A database instance as its PodMonitor labels it. */
export const instance = (number: number, labels: Labels = {}): Labels => ({
  ...labels,
  namespace,
  job: "attic-pg",
  pod: `attic-pg-${number}`,
  container: "postgres",
  endpoint: "metrics",
  instance: `10.244.1.${number}:9187`,
});

/** What wakes somebody. */
export const critical = (labels: Labels): Labels => ({ ...labels, severity: "critical" });

/** What is read in working hours. */
export const warning = (labels: Labels): Labels => ({ ...labels, severity: "warning" });

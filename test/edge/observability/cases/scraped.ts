import { type Labels, namespace } from "./case.ts";

/** An object of the stack as kube-state-metrics shows it, whose own labels win over those of scraping. */
export const kubernetes = (labels: Labels): Labels => ({
  ...labels,
  namespace,
  job: "kube-state-metrics",
  instance: "10.244.0.9:8080",
});

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

import { z } from "zod";

const rules = z.strictObject({
  /**
   * Whether the recording rules and alerts are made, as PrometheusRule objects. They need the Prometheus operator's
   * API.
   * @default true
   */
  enabled: z.boolean().default(true),
  /**
   * Labels that the cluster's Prometheus selects its rules by (`ruleSelector`).
   * @default {}
   * @example { release: kube-prometheus-stack }
   */
  labels: z.record(z.string(), z.string()).default({}),
  /**
   * Where the runbooks are read: an alert's `runbook_url` is this with the alert's name and `.md` behind it.
   * @default "https://github.com/example/attic-pulumi/blob/main/docs/runbooks/"
   */
  runbooks: z
    .url({ protocol: /^https?$/, error: "an http(s) URL" })
    .endsWith("/", "an http(s) URL that ends in /")
    .default("https://github.com/example/attic-pulumi/blob/main/docs/runbooks/"),
});

/** What is measured, and who is told. */
export const observability = z.strictObject({
  /** Recording rules and alerts. */
  rules: rules.prefault({}),
});

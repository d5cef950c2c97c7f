import { type Exporter, gauge } from "./exporter.ts";

const labels = ["namespace", "token", "kind", "generation"] as const;

/** Constants that the program knows and hands to Prometheus as recording rules; each update writes them anew. */
export const tokens = {
  name: "the stack's recording rules",
  version: "this one",
  source: "the PrometheusRule of the stack's tokens",
  scraped: [],
  metrics: {
    attic_token_expiry_timestamp_seconds: gauge("when the token ends, in epoch seconds", labels),
    attic_token_rotation_due_timestamp_seconds: gauge("when the next one is due, in epoch seconds", labels),
  },
} as const satisfies Exporter;

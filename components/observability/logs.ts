import type { StackConfig } from "../../config/index.ts";

/** One rule of Loki's `limits_config.retention_stream`. */
export interface StreamRetention {
  /** The streams that are meant, in LogQL. */
  selector: string;
  /** Of two rules for one stream the higher one counts. */
  priority: number;
  /** How long they are kept, for instance `90d`. */
  period: string;
}

/**
 * What makes a Loki keep the stack's audit log as long as the configuration asks: the log of PostgreSQL, which has
 * logins, logouts and changes of the schema. The stack runs no Loki, so this is an output for whoever does. Its
 * streams are selected by the labels `namespace` and `container`, which the usual collectors set.
 *
 * @returns nothing for a database that exists elsewhere, and logs there
 */
export function auditRetention({
  namespace,
  database,
  observability,
}: StackConfig): StreamRetention | undefined {
  if (database.provider !== "cloudNativePg") return undefined;
  return {
    selector: `{namespace="${namespace}", container="postgres"}`,
    priority: 1,
    period: `${observability.logs.auditRetentionDays}d`,
  };
}

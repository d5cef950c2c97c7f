import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";

/** Seconds, for thresholds on times. */
export const seconds = { hour: 3600, day: 86_400 } as const;

/** The pods of the database's instances, and their volume claims: `attic-pg-1` and so on, not the Jobs' pods. */
export const instanceNames = new RegExp(`${names.database}-[0-9]+`);

/** What the database's metrics are selected by. */
export const ofDatabase = ({ namespace }: StackConfig) => ({ namespace, pod: instanceNames });

/** The primary, to narrow others down to with `and on (namespace, pod)`. */
export const primary = (config: StackConfig) =>
  `${series("cnpg_pg_replication_in_recovery", ofDatabase(config))} == 0`;

/**
 * One series for each object, whoever told of it. What scraping adds are the exporter's own pod and address: an alert
 * that carried them would name the wrong pod, and end and begin anew when the exporter is replaced.
 * @param labels that tell one object from another
 */
export const each = (labels: string, query: string) => `max by (${labels}) (${query})`;

/** PromQL over several lines, each part on its own. */
export const lines = (...parts: string[]) => parts.join("\n");

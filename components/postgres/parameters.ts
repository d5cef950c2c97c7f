import type { StackConfig } from "../../config/index.ts";
import { bytes } from "../../config/quantity.ts";
import { connectionBudget } from "../../config/rules/index.ts";
import { statementTimeout } from "./statement-timeout.ts";

/** PostgreSQL's max_connections: the configured one, else what the stack needs at its largest. */
export function maxConnections({ api, database }: StackConfig): number {
  return database.cloudNativePg.maxConnections ?? connectionBudget(api.scaling.maxReplicas);
}

/**
 * postgresql.conf, as far as it differs from PostgreSQL's and the operator's defaults. The operator takes texts
 * only. Memory follows the limit, not the request: above it the kernel ends the instance.
 */
export function parameters(config: StackConfig): Record<string, string> {
  const { resources, storage } = config.database.cloudNativePg;
  const memory = bytes(resources.limits.memory);
  return {
    max_connections: String(maxConnections(config)),
    password_encryption: "scram-sha-256",
    statement_timeout: statementTimeout,
    // Audit: who came and went, and every change of the schema. Statements are not logged: they hold data.
    log_connections: "on",
    log_disconnections: "on",
    log_statement: "ddl",
    // A quarter for PostgreSQL's own cache, as its manual and the operator's advise.
    shared_buffers: megabytes(memory / 4),
    // A hint to the planner, nothing is reserved: that cache, and as much again of the kernel's.
    effective_cache_size: megabytes(memory / 2),
    // Three autovacuum workers use this much each.
    maintenance_work_mem: megabytes(memory / 16),
    // The operator's default, logical, writes more than replicas and the archive need.
    wal_level: "replica",
    // A replica that stays away must not fill the primary's volume with logs kept for it. When it comes back it
    // fetches them from the archive, or is cloned again.
    max_slot_wal_keep_size: megabytes(bytes(storage.size) / 4),
  };
}

const megabytes = (size: number) => `${Math.max(1, Math.floor(size / 2 ** 20))}MB`;

/**
 * Who may connect and how: nobody without TLS, everybody else with a SCRAM password. The first line is what forces
 * TLS, because the operator ends the file with a `host` rule that takes both. Its own rules for replication, by
 * certificate, come before these.
 */
export const accessRules = ["hostnossl all all all reject", "hostssl all all all scram-sha-256"];

/**
 * A commit waits for one replica, so that a lost node loses no acknowledged upload, but only while a replica is
 * healthy: a cache that refuses pushes is worse than one that forgets a few seconds of them, which CI pushes again.
 * A single instance has nobody to wait for.
 */
export function synchronous(instances: number) {
  return instances > 1 ? ({ method: "any", number: 1, dataDurability: "preferred" } as const) : undefined;
}

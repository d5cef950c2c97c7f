import type { StackConfig } from "../../config/index.ts";
import { name } from "./names.ts";

/** Where the database answers, on port 5432 unless it is an external one. */
export interface DatabaseHosts {
  /** The primary, also after a failover. */
  readWrite: string;
  /** The replicas alone; nothing answers there with a single instance. Only a CloudNativePG cluster has it. */
  readOnly?: string;
  /** Any instance. Only a CloudNativePG cluster has it. */
  read?: string;
}

/** The names of the Services that the operator makes for the Cluster, or the external server's host. */
export function databaseHosts({ database, namespace }: StackConfig): DatabaseHosts {
  if (database.external) return { readWrite: database.external.host };
  const host = (role: "rw" | "ro" | "r") => `${name}-${role}.${namespace}.svc`;
  return { readWrite: host("rw"), readOnly: host("ro"), read: host("r") };
}
